package dev.keyledger.checking.http.fast;

import dev.keyledger.http.TlsDefaults;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerSslBundle;

/**
 * The TLS of the listeners besides the main port, with the settings of the main port: certificate,
 * protocols, ciphers and trusted clients. A renewed certificate applies to new connections.
 * Thread-safe.
 */
public final class FastTls {
  private record Served(SSLContext context, SslOptions options) {}

  private final Ssl.@Nullable ClientAuth clientAuth;
  private volatile Served served;

  private FastTls(SslBundle bundle, Ssl.@Nullable ClientAuth clientAuth) {
    this.clientAuth = clientAuth;
    this.served = served(bundle);
    var _ = engine(); // fails now if a protocol or cipher is unknown
  }

  /**
   * Returns the TLS of the main port's settings; null if it has none.
   *
   * @throws IllegalArgumentException if a protocol or cipher is unknown
   */
  public static @Nullable FastTls of(@Nullable Ssl settings, SslBundles bundles) {
    if (settings == null || !Ssl.isEnabled(settings)) {
      return null;
    }
    var tls = new FastTls(WebServerSslBundle.get(settings, bundles), settings.getClientAuth());
    if (settings.getBundle() != null) {
      bundles.addBundleUpdateHandler(settings.getBundle(), renewed -> tls.served = served(renewed));
    }
    return tls;
  }

  /** Returns the handler of a new connection. */
  public SslHandler handler() {
    return new SslHandler(engine());
  }

  /**
   * Returns the handler of a new connection that speaks one protocol (RFC 7301).
   *
   * @param protocol as registered for ALPN
   */
  public SslHandler handler(String protocol) {
    SSLEngine engine = engine();
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {protocol});
    engine.setSSLParameters(parameters);
    return new SslHandler(engine);
  }

  private SSLEngine engine() {
    Served now = served;
    SSLEngine engine = now.context.createSSLEngine();
    engine.setUseClientMode(false);
    String[] protocols = now.options.getEnabledProtocols();
    engine.setEnabledProtocols(
        protocols == null ? TlsDefaults.PROTOCOLS.toArray(String[]::new) : protocols);
    String[] suites = now.options.getCiphers();
    engine.setEnabledCipherSuites(
        suites == null ? TlsDefaults.suites().toArray(String[]::new) : suites);
    if (clientAuth == Ssl.ClientAuth.NEED) {
      engine.setNeedClientAuth(true);
    } else if (clientAuth == Ssl.ClientAuth.WANT) {
      engine.setWantClientAuth(true);
    }
    return engine;
  }

  private static Served served(SslBundle bundle) {
    return new Served(bundle.createSslContext(), bundle.getOptions());
  }
}
