package dev.keyledger.log.proofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.events.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogKeysTest {
  private static final LogKeys KEYS = LogKeys.generate();
  private static final String ORIGIN = "keyledger.dev/log/5c0e3a54-0000-4000-8000-000000000000/1";
  private static final Instant NOW = Instant.ofEpochSecond(1_900_000_000);

  /** The bytes before a key in its X.509 encoding. */
  private static final String ED25519_PREFIX = "302a300506032b6570032100";

  private static final String ML_DSA_PREFIX = "30820532300b06096086480165030403110382052100";

  private final Checkpoint checkpoint = new Checkpoint(ORIGIN, 300, new Digest(1, 2, 3, 4));

  private static PublicKey key(String algorithm, String prefix, byte[] key) throws Exception {
    byte[] encoded = HexFormat.of().parseHex(prefix + HexFormat.of().formatHex(key));
    return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded));
  }

  private static boolean verifies(String algorithm, PublicKey key, byte[] message, byte[] signature)
      throws Exception {
    Signature verification = Signature.getInstance(algorithm);
    verification.initVerify(key);
    verification.update(message);
    return verification.verify(signature);
  }

  private static byte[] signatureIn(String line) {
    assertThat(line).startsWith("\u2014 " + ORIGIN + " ");
    byte[] bytes = Base64.getDecoder().decode(line.substring(line.lastIndexOf(' ') + 1));
    return Arrays.copyOfRange(bytes, 4, bytes.length);
  }

  private static byte[] materialOf(String verifierKey) {
    byte[] bytes = Base64.getDecoder().decode(verifierKey.substring(ORIGIN.length() + 10));
    return Arrays.copyOfRange(bytes, 1, bytes.length);
  }

  @Test
  void theFirstLineSignsTheText() throws Exception {
    String line = KEYS.signatures(checkpoint, NOW).lines().toList().getFirst();
    String verifierKey = KEYS.verifierKeys(ORIGIN).getFirst();
    PublicKey key = key("Ed25519", ED25519_PREFIX, materialOf(verifierKey));
    byte[] text = checkpoint.text().getBytes(StandardCharsets.UTF_8);
    assertThat(verifies("Ed25519", key, text, signatureIn(line))).isTrue();
    assertThat(checkpoint.text())
        .isEqualTo(ORIGIN + "\n300\nAAAAAAAAAAEAAAAAAAAAAgAAAAAAAAADAAAAAAAAAAQ=\n");
  }

  @Test
  void theSecondLineIsACosignature() throws Exception {
    String line = KEYS.signatures(checkpoint, NOW).lines().toList().getLast();
    byte[] timed = signatureIn(line);
    assertThat(timed).hasSize(8 + 2420);
    assertThat(ByteBuffer.wrap(timed).getLong()).isEqualTo(NOW.getEpochSecond());
    var message = new ByteArrayOutputStream();
    message.writeBytes("subtree/v1\n\0".getBytes(StandardCharsets.US_ASCII));
    message.write(ORIGIN.length());
    message.writeBytes(ORIGIN.getBytes(StandardCharsets.US_ASCII));
    message.writeBytes(Arrays.copyOf(timed, 8));
    message.write(ORIGIN.length());
    message.writeBytes(ORIGIN.getBytes(StandardCharsets.US_ASCII));
    message.writeBytes(new byte[8]);
    message.writeBytes(ByteBuffer.allocate(8).putLong(300).array());
    message.writeBytes(checkpoint.root().toBytes());
    PublicKey key =
        key("ML-DSA-44", ML_DSA_PREFIX, materialOf(KEYS.verifierKeys(ORIGIN).getLast()));
    assertThat(
            verifies(
                "ML-DSA-44",
                key,
                message.toByteArray(),
                Arrays.copyOfRange(timed, 8, timed.length)))
        .isTrue();
  }

  @Test
  void keysAreReadAsTheyWereWritten() {
    LogKeys again = LogKeys.parse(KEYS.toPem());
    assertThat(again.verifierKeys(ORIGIN)).isEqualTo(KEYS.verifierKeys(ORIGIN));
    assertThat(KEYS.verifierKeys(ORIGIN))
        .allMatch(key -> key.matches("[^+]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/=]+"));
  }

  @Test
  void keysThatAreMissingOrOfAnotherPairAreRefused() {
    String other = LogKeys.generate().toPem();
    List<String> own = blocks(KEYS.toPem());
    String mixed = own.get(0) + own.get(1) + own.get(2) + blocks(other).get(3);
    assertThatThrownBy(() -> LogKeys.parse(mixed)).hasMessageContaining("ML-DSA-44");
    assertThatThrownBy(() -> LogKeys.parse(own.get(0))).hasMessageContaining("Ed25519");
    assertThatThrownBy(() -> LogKeys.parse("")).hasMessageContaining("Ed25519");
  }

  private static List<String> blocks(String pem) {
    return List.of(pem.split("(?<=END (PRIVATE|PUBLIC) KEY-----\n)"));
  }
}
