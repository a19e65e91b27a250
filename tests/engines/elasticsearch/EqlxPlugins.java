package org.elasticsearch.plugins;

import java.nio.file.Path;
import java.util.List;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.transport.netty4.Netty4Plugin;

/** The plug-ins of the node: those of the class path, which no folder describes. */
public class EqlxPlugins extends PluginsService {
  private final List<LoadedPlugin> loaded;

  public EqlxPlugins(Settings settings, Path config, PluginsLoader loader) {
    super(settings, config, loader);
    loaded = List.of(onClassPath(new Netty4Plugin()), onClassPath(new EqlxRoot()));
  }

  private static LoadedPlugin onClassPath(Plugin plugin) {
    String name = plugin.getClass().getName();
    PluginDescriptor descriptor =
        new PluginDescriptor(
            name, "", "NA", "NA", "21", name, null, List.of(), false, false, false, false);
    return new LoadedPlugin(descriptor, plugin, EqlxPlugins.class.getClassLoader());
  }

  @Override
  protected List<LoadedPlugin> plugins() {
    return loaded;
  }
}
