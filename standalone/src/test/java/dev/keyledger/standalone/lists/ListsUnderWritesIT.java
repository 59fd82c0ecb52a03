package dev.keyledger.standalone.lists;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Pages;
import dev.keyledger.standalone.process.SharedStandalone;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pagination while others write: no key is missing, and none appears twice. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class ListsUnderWritesIT {
  private static final int KEYS_BEFORE = 40;
  private static final int PAGE = 3;
  private static final int WRITERS = 2;
  private static final AtomicInteger OWNERS = new AtomicInteger();

  @ParameterizedTest
  @CsvSource({
    "/v1/keys, keyId",
    "/v1/keys/expiring?within=P366D, keyId",
    "/v1/audit?order=asc, position",
    "/v1/audit?order=desc, position"
  })
  void entriesPresentAtTheStartAreSeenOnce(String list, String field, KeyledgerProcess keyledger)
      throws Exception {
    String owner = "writes" + OWNERS.incrementAndGet();
    Issuer issuer = keyledger.issuer();
    var keys = new ArrayList<IssuedKey>();
    for (int i = 0; i < KEYS_BEFORE; i++) {
      keys.add(issue(issuer, owner, 30 + i));
    }
    String position = keys.getLast().answer().header("Keyledger-Position");
    Client client = issuer.client().header("Keyledger-At-Least", position);
    String path = list + (list.contains("?") ? "&" : "?") + "owner=service:" + owner + "&limit=";
    List<String> before = Pages.ids(client, path + 200, field);
    assertThat(before).hasSize(KEYS_BEFORE);

    var done = new AtomicBoolean();
    var written = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      var writers = new ArrayList<Future<?>>();
      for (int i = 0; i < WRITERS; i++) {
        List<IssuedKey> own =
            keys.subList(i * keys.size() / WRITERS, (i + 1) * keys.size() / WRITERS);
        writers.add(threads.submit(() -> write(issuer, owner, own, done, written)));
      }
      List<String> seen;
      try {
        seen = Pages.idsUntil(client, path + PAGE, field, ids -> ids.size() > 3 * KEYS_BEFORE);
      } finally {
        done.set(true);
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
      assertThat(written.get()).as("others wrote meanwhile").isPositive();
      assertThat(seen).doesNotHaveDuplicates().containsAll(before);
      var old = new HashSet<>(before);
      assertThat(seen.stream().filter(old::contains).toList()).isEqualTo(before);
    }
  }

  /** Issues keys, changes existing ones and moves their expiry to the other end. */
  private static void write(
      Issuer issuer,
      String owner,
      List<IssuedKey> keys,
      AtomicBoolean done,
      AtomicInteger written) {
    for (int i = 0; !done.get(); i++) {
      issue(issuer, owner, 20 + i % 100);
      IssuedKey key = keys.get(i % keys.size());
      int days = 200 + i % 100;
      Answer renewed =
          issuer.command(
              key, "renew", "{\"lifetime\": \"P%dD\", \"allowShorter\": true}".formatted(days));
      assertThat(renewed.status()).as(renewed.text()).isEqualTo(200);
      written.incrementAndGet();
    }
  }

  private static IssuedKey issue(Issuer issuer, String owner, int days) {
    return issuer.issuedFrom(
        """
        {"name": "Listed", "owner": {"type": "service", "id": "%s"},
         "permissions": ["read:users"], "lifetime": "P%dD"}
        """
            .formatted(owner, days));
  }
}
