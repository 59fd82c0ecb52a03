package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Reads lists page by page, like a client. */
public final class Pages {
  private Pages() {}

  /** Returns a field of all entries of a list, in its order. */
  public static List<String> ids(Client client, String path, String field) {
    return idsUntil(client, path, field, _ -> false);
  }

  /**
   * Returns a field of the entries of a list, up to the page that satisfies a condition.
   *
   * @param path with a query
   * @param enough tested after each page with everything read so far
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
