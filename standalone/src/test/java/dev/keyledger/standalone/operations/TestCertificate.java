package dev.keyledger.standalone.operations;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate for 127.0.0.1 and its private key, created by the JDK's keytool: none
 * is stored in the repository.
 */
final class TestCertificate {
  private static final char[] PASSWORD = "of-this-test-only".toCharArray();

  private final Certificate certificate;
  private final byte[] privateKey;

  private TestCertificate(Certificate certificate, byte[] privateKey) {
    this.certificate = certificate;
    this.privateKey = privateKey;
  }

  static TestCertificate make() throws IOException, GeneralSecurityException, InterruptedException {
    Path store = Files.createTempDirectory("certificate-").resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=keyledger.test",
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-alias",
                "test",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), US_ASCII);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream stored = Files.newInputStream(store)) {
      keys.load(stored, PASSWORD);
    }
    Files.delete(store);
    Files.delete(store.resolveSibling(""));
    return new TestCertificate(
        keys.getCertificate("test"), keys.getKey("test", PASSWORD).getEncoded());
  }

  Certificate certificate() {
    return certificate;
  }

  /** Writes both as PEM, each file in one step. */
  void write(Path certificateFile, Path keyFile) throws IOException, GeneralSecurityException {
    writePem(keyFile, "PRIVATE KEY", privateKey);
    writePem(certificateFile, "CERTIFICATE", certificate.getEncoded());
  }

  /** Returns a context that trusts this certificate and no other. */
  SSLContext trust() throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("test", certificate);
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  private static void writePem(Path file, String kind, byte[] content) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.write(
        unfinished,
        List.of(
            "-----BEGIN " + kind + "-----",
            Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content),
            "-----END " + kind + "-----"));
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
