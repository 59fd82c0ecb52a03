package dev.keyledger.standalone.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A delivery of the released jar is verified by the receiver in docs/webhooks.md, and by the public
 * library for npm.
 */
@Tag("tools")
@Timeout(300)
@ExtendWith(SharedStandalone.class)
class WebhookReceiversIT {
  private static final Path SOURCES = Path.of(System.getProperty("keyledger.clients"));
  private static final Path DOCUMENT = Path.of("../docs/webhooks.md");
  private static final Pattern CODE = Pattern.compile("```js\n(.*?)```", Pattern.DOTALL);

  private static final String CHECKS =
      """
      import { readFileSync } from 'node:fs';
      import { Webhook } from 'standardwebhooks';
      import { isFromKeyledger, isSignedBy } from './receiver.mjs';

      const { headers, body: text, secret, publicKey } = JSON.parse(readFileSync('delivery.json'));
      const body = Buffer.from(text);
      const other = Buffer.from(text.replace('WebhookTest', 'WebhookTesT'));
      const results = [
        isFromKeyledger(headers, body, secret),
        !isFromKeyledger(headers, other, secret),
        !isFromKeyledger({ ...headers, 'webhook-timestamp': '1' }, body, secret),
        isSignedBy(headers, body, publicKey),
        !isSignedBy(headers, other, publicKey),
        new Webhook(secret).verify(text, headers).specversion === '1.0',
      ];
      try {
        new Webhook(secret).verify(other.toString(), headers);
        results.push(false);
      } catch {
        results.push(true);
      }
      console.log(JSON.stringify(results));
      """;

  @Test
  void verifyADelivery(@TempDir Path directory, KeyledgerProcess keyledger) throws Exception {
    Files.writeString(directory.resolve("delivery.json"), delivery(keyledger).toString());
    Files.writeString(
        directory.resolve("receiver.mjs"),
        CODE.matcher(Files.readString(DOCUMENT))
            .results()
            .map(code -> code.group(1))
            .collect(joining("\n")));
    Files.writeString(directory.resolve("checks.mjs"), CHECKS);
    for (String input : new String[] {"package.json", "package-lock.json"}) {
      Files.copy(SOURCES.resolve(input), directory.resolve(input));
    }

    run(directory, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund");
    assertThat(run(directory, "node", "checks.mjs"))
        .isEqualTo("[true,true,true,true,true,true,true]\n");
  }

  /** Returns a received delivery, with the data to verify it. */
  private static ObjectNode delivery(KeyledgerProcess keyledger) throws Exception {
    var arrived = new ArrayBlockingQueue<ObjectNode>(1);
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          try (exchange) {
            var headers = new TreeMap<String, String>();
            exchange
                .getRequestHeaders()
                .forEach((name, values) ->
                    headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
            ObjectNode got = JsonMapper.shared().createObjectNode();
            got.set("headers", JsonMapper.shared().valueToTree(headers));
            got.put("body", new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            exchange.sendResponseHeaders(204, -1);
            var _ = arrived.offer(got);
          }
        });
    receiver.start();
    try {
      String url = "http://127.0.0.1:" + receiver.getAddress().getPort() + "/";
      JsonNode webhook =
          keyledger
              .root()
              .post("/v1/webhooks", "{\"url\":\"%s\",\"types\":[\"KeyExpired\"]}".formatted(url))
              .body();
      String path = "/v1/webhooks/" + webhook.path("webhookId").asString();
      assertThat(keyledger.root().post(path + "/test", "{}").status()).isEqualTo(202);
      ObjectNode got = arrived.poll(30, TimeUnit.SECONDS);
      assertThat(got).isNotNull();
      assertThat(keyledger.root().delete(path).status()).isEqualTo(204);
      return got.put("secret", webhook.path("secret").asString())
          .put("publicKey", webhook.path("publicKey").asString());
    } finally {
      receiver.stop(0);
    }
  }

  private static String run(Path directory, String... command) throws Exception {
    Path output = Files.createTempFile(directory, "output", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(3, TimeUnit.MINUTES);
      assertThat(ended && process.exitValue() == 0).as(Files.readString(output)).isTrue();
      return Files.readString(output);
    } finally {
      process.destroyForcibly();
    }
  }
}
