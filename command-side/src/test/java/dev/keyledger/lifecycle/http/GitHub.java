package dev.keyledger.lifecycle.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;

/** A fake GitHub: a server that publishes public keys, and the owner of one that signs. */
final class GitHub implements AutoCloseable {
  static final String IDENTIFIER = "key-of-the-test";

  /** Answers a request for the keys. */
  interface Answer {
    void send(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final KeyPair pair = pair("secp256r1");
  private final HttpServer server;
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private volatile Answer answer = exchange -> sendList(exchange, list(IDENTIFIER, publicKey()));

  GitHub() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/keys", this::handle);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    asked.add(String.valueOf(exchange.getRequestHeaders().getFirst("If-None-Match")));
    try (exchange) {
      answer.send(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/keys");
  }

  PublicKey publicKey() {
    return pair.getPublic();
  }

  /** Returns the ETag that each request for the keys presented, or "null". */
  List<String> asked() {
    return List.copyOf(asked);
  }

  void answers(Answer other) {
    answer = other;
  }

  /** Publishes a list under an ETag; answers 304 to a request with that ETag. */
  static void sendList(HttpExchange exchange, String json) throws IOException {
    String etag = "\"%08x\"".formatted(json.hashCode());
    exchange.getResponseHeaders().set("ETag", etag);
    if (etag.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
      exchange.sendResponseHeaders(304, -1);
    } else {
      exchange.sendResponseHeaders(200, json.getBytes(UTF_8).length);
      exchange.getResponseBody().write(json.getBytes(UTF_8));
    }
  }

  static String list(String identifier, PublicKey key) {
    return "{\"public_keys\":[%s],\"more\":1}".formatted(entry(identifier, pem(key)));
  }

  static String entry(String identifier, String pem) {
    return "{\"key_identifier\":\"%s\",\"key\":\"%s\",\"is_current\":true}"
        .formatted(identifier, pem.replace("\n", "\\n"));
  }

  static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
        .formatted(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded()));
  }

  String sign(String body) {
    return sign(pair, body);
  }

  static String sign(KeyPair by, String body) {
    try {
      var signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(by.getPrivate());
      signature.update(body.getBytes(UTF_8));
      return Base64.getEncoder().encodeToString(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static KeyPair pair(String curve) {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(curve));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
