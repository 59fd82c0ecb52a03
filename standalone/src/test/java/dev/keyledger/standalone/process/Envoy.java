package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc.AuthorizationBlockingStub;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Sends requests as Envoy does, with its messages, by gRPC's own client. */
public final class Envoy implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 30;

  private final ManagedChannel channel;
  private final AuthorizationBlockingStub stub;

  public Envoy(ManagedChannel channel) {
    this.channel = channel;
    this.stub = AuthorizationGrpc.newBlockingStub(channel);
  }

  /** Connects to the port of a node, without TLS. */
  public static Envoy of(KeyledgerProcess keyledger) {
    return new Envoy(
        NettyChannelBuilder.forAddress("127.0.0.1", keyledger.extAuthzPort())
            .usePlaintext()
            .build());
  }

  /**
   * The result of a request to Envoy.
   *
   * @param status 200 if it passes, else the status of Envoy's answer
   * @param headers the headers for the application, or for the client if the request does not pass
   * @param removed the headers that are removed
   * @param toClient the headers for the client besides the application's
   * @param body the body of Envoy's answer
   */
  public record Outcome(
      int status,
      Map<String, String> headers,
      List<String> removed,
      Map<String, String> toClient,
      String body) {}

  /** Returns a request, with the headers as a map. */
  public static CheckRequest request(Map<String, String> extensions, Map<String, String> headers) {
    return request(
        extensions,
        AttributeContext.HttpRequest.newBuilder()
            .putHeaders(":authority", "example.com")
            .putHeaders(":path", "/orders/1?permission=a")
            .putAllHeaders(headers));
  }

  /** Returns a request, with the headers one by one: {@code encode_raw_headers}. */
  public static CheckRequest rawRequest(Map<String, String> extensions, List<String[]> headers) {
    var map = HeaderMap.newBuilder();
    headers.forEach(header ->
        map.addHeaders(
            HeaderValue.newBuilder()
                .setKey(header[0])
                .setRawValue(ByteString.copyFromUtf8(header[1]))));
    return request(extensions, AttributeContext.HttpRequest.newBuilder().setHeaderMap(map));
  }

  private static CheckRequest request(
      Map<String, String> extensions, AttributeContext.HttpRequest.Builder http) {
    var peer =
        AttributeContext.Peer.newBuilder()
            .setAddress(
                Address.newBuilder()
                    .setSocketAddress(
                        SocketAddress.newBuilder().setAddress("203.0.113.9").setPortValue(50_000)));
    return CheckRequest.newBuilder()
        .setAttributes(
            AttributeContext.newBuilder()
                .setSource(peer)
                .setDestination(peer)
                .setRequest(
                    AttributeContext.Request.newBuilder()
                        .setTime(Timestamp.newBuilder().setSeconds(1))
                        .setHttp(
                            http.setId("1")
                                .setMethod("GET")
                                .setHost("example.com")
                                .setPath("/orders/1?permission=a")
                                .setScheme("https")
                                .setSize(-1)
                                .setProtocol("HTTP/1.1")))
                .putAllContextExtensions(extensions))
        .build();
  }

  /** Sends a request, and handles the answer like Envoy. */
  public Outcome ask(CheckRequest request) {
    return outcome(stub.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS).check(request));
  }

  /** Sends a request with a header of the gateway itself: {@code initial_metadata}. */
  public Outcome ask(CheckRequest request, String header, String value) {
    var metadata = new Metadata();
    metadata.put(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER), value);
    return outcome(
        stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
            .check(request));
  }

  private static Outcome outcome(CheckResponse response) {
    if (response.getStatus().getCode() == 0) {
      OkHttpResponse ok = response.getOkResponse();
      assertThat(response.hasOkResponse()).isTrue();
      return new Outcome(
          200,
          set(ok.getHeadersList()),
          ok.getHeadersToRemoveList(),
          set(ok.getResponseHeadersToAddList()),
          "");
    }
    DeniedHttpResponse denied = response.getDeniedResponse();
    assertThat(response.hasDeniedResponse()).isTrue();
    return new Outcome(
        denied.getStatus().getCodeValue(),
        set(denied.getHeadersList()),
        List.of(),
        Map.of(),
        denied.getBody());
  }

  /** Returns the set headers; fails unless each replaces the client's own, once. */
  private static Map<String, String> set(List<HeaderValueOption> options) {
    var headers = new TreeMap<String, String>();
    for (HeaderValueOption option : options) {
      assertThat(option.getAppendAction()).isEqualTo(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD);
      assertThat(headers.put(option.getHeader().getKey(), option.getHeader().getValue())).isNull();
    }
    return headers;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
