import co.elastic.clients.elasticsearch.core.SearchRequest;
import co.elastic.clients.elasticsearch.eql.EqlSearchRequest;
import co.elastic.clients.elasticsearch.indices.PutIndexTemplateRequest;
import co.elastic.clients.json.SimpleJsonpMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;

/** Reads lines of a kind, a tab and a request's body; says of each what the typed model of Elastic's own
 * client finds wrong with it, or nothing. Keys that the model does not have are wrong. */
public class Bodies {
  public static void main(String[] arguments) throws Exception {
    var mapper = new SimpleJsonpMapper(false);
    var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int tab = line.indexOf('\t');
      var body = mapper.jsonProvider().createParser(new StringReader(line.substring(tab + 1)));
      try {
        switch (line.substring(0, tab)) {
          case "_eql/search" -> EqlSearchRequest.of(b -> b.index("x").withJson(body, mapper));
          case "_search" -> SearchRequest.of(b -> b.withJson(body, mapper));
          default -> PutIndexTemplateRequest.of(b -> b.name("x").withJson(body, mapper));
        }
        out.println();
      } catch (RuntimeException e) {
        out.println(e.toString().replace('\n', ' '));
      }
    }
    out.flush();
  }
}
