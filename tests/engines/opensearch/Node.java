import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One OpenSearch node on the loopback address: arguments are the HTTP port, the transport port and
 * the data folder. It says READY, and ends when its standard input does. */
public class Node {
  public static void main(String[] arguments) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild((number, settings) -> {
      settings.put("network.host", "127.0.0.1");
      settings.put("http.port", arguments[0]);
      settings.put("transport.port", arguments[1]);
      settings.put("discovery.type", "single-node");
      settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
      // Tests compile more scripts in a minute than a production cluster would in a day.
      settings.put("script.disable_max_compilations_rate", true);
    });
    try {
      runner.build(
          OpenSearchRunner.newConfigs().basePath(arguments[2]).numOfNode(1).clusterName("eqlx-tests"));
      runner.ensureYellow();
      System.out.println("READY");
      while (System.in.read() >= 0) {}
    } finally {
      runner.close();
    }
    System.exit(0);
  }
}
