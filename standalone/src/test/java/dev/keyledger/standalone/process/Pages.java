package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Lists, read page by page as a client would. */
public final class Pages {
  private Pages() {}

  /** A field of all entries of a list, in its order. */
  public static List<String> ids(Client client, String path, String field) {
    return idsUntil(client, path, field, _ -> false);
  }

  /**
   * The same, up to the page after which somebody has seen enough.
   *
   * @param path with a query
   * @param enough asked with all that was seen, after each page
   */
  public static List<String> idsUntil(
      Client client, String path, String field, Predicate<List<String>> enough) {
    var ids = new ArrayList<String>();
    String cursor = "";
    do {
      Answer page = client.get(path + cursor);
      assertThat(page.status()).as(page.text()).isEqualTo(200);
      for (JsonNode entry : page.body().path("data")) {
        ids.add(entry.path(field).asString());
      }
      cursor = "&cursor=" + page.body().path("nextCursor").asString("");
    } while (!cursor.equals("&cursor=") && !enough.test(ids));
    return ids;
  }
}
