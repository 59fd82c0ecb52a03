package dev.keyledger.spring;

import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The counterpart of {@link ApiKeyFilter} for WebFlux. Checks block no event loop. */
final class ApiKeyWebFilter implements WebFilter {
  private final ApiKeyAuthenticator authenticator;

  ApiKeyWebFilter(ApiKeyAuthenticator authenticator) {
    this.authenticator = authenticator;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    String key = keyIn(authenticator, exchange);
    if (key == null) {
      return chain.filter(exchange);
    }
    String address = text(exchange.getRequest().getRemoteAddress());
    return Mono.deferContextual(
            context -> {
              Observation parent =
                  context.hasKey(ObservationThreadLocalAccessor.KEY)
                      ? context.get(ObservationThreadLocalAccessor.KEY)
                      : null;
              return Mono.fromCallable(() -> authenticator.authenticate(key, address, parent))
                  .subscribeOn(Schedulers.boundedElastic());
            })
        .flatMap(outcome -> go(outcome, exchange, chain));
  }

  private static Mono<Void> go(
      ApiKeyAuthenticator.Outcome outcome, ServerWebExchange exchange, WebFilterChain chain) {
    if (outcome instanceof ApiKeyAuthenticator.Accepted accepted) {
      return chain
          .filter(exchange)
          .contextWrite(
              ReactiveSecurityContextHolder.withAuthentication(accepted.authentication()));
    }
    return outcome instanceof ApiKeyAuthenticator.Refused refused
        ? write(refused.refusal(), exchange)
        : Mono.error(new IllegalStateException("unknown outcome"));
  }

  static @Nullable String keyIn(ApiKeyAuthenticator authenticator, ServerWebExchange exchange) {
    return authenticator.keyIn(exchange.getRequest().getHeaders()::getOrEmpty);
  }

  static Mono<Void> write(Refusal refusal, ServerWebExchange exchange) {
    ServerHttpResponse response = exchange.getResponse();
    response.setStatusCode(HttpStatusCode.valueOf(refusal.status()));
    refusal.headers().forEach(response.getHeaders()::set);
    response.getHeaders().set("Content-Type", Refusal.MEDIA_TYPE);
    return response.writeWith(Mono.just(response.bufferFactory().wrap(refusal.body())));
  }

  /** Returns the address of a client, which a proxy may have sent as text. */
  private static @Nullable String text(@Nullable InetSocketAddress client) {
    if (client == null) {
      return null;
    }
    return client.isUnresolved() ? client.getHostString() : client.getAddress().getHostAddress();
  }
}
