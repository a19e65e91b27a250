package org.elasticsearch.node;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.plugins.EqlxPlugins;
import org.elasticsearch.plugins.PluginsLoader;
import org.elasticsearch.plugins.PluginsService;

/** One Elasticsearch node on the loopback address, with HTTP as its one plug-in: arguments are the HTTP
 * port, the transport port and the data folder. It says READY, and ends when its standard input does.
 * It stands in this package to be let in. */
public class EqlxNode extends Node {
  private EqlxNode(Environment environment) {
    super(
        NodeConstruction.prepareConstruction(
            environment,
            PluginsLoader.createPluginsLoader(Set.of(), Set.of(), Map.of(), false),
            new NodeServiceProvider() {
              @Override
              PluginsService newPluginService(Environment initial, PluginsLoader loader) {
                return new EqlxPlugins(initial.settings(), initial.configDir(), loader);
              }
            },
            true));
  }

  public static void main(String[] arguments) throws Exception {
    LogConfigurator.loadLog4jPlugins();
    LogConfigurator.configureESLogging();
    Settings settings =
        Settings.builder()
            .put("path.home", arguments[2])
            .put("node.name", "eqlx")
            .put("cluster.name", "eqlx-tests")
            .put("network.host", "127.0.0.1")
            .put("http.port", arguments[0])
            .put("transport.port", arguments[1])
            .put("discovery.type", "single-node")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .build();
    Path config = Path.of(arguments[2], "config");
    try (EqlxNode node = new EqlxNode(new Environment(settings, config))) {
      node.start();
      System.out.println("READY");
      while (System.in.read() >= 0) {}
    }
    System.exit(0);
  }
}
