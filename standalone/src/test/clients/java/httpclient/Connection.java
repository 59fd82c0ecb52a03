package clients.httpclient;

final class Connection {
  static ApiClient to(String uri, String credential) {
    var client = new ApiClient();
    client.updateBaseUri(uri);
    client.setRequestInterceptor(
        request -> request.header("Authorization", "Bearer " + credential));
    return client;
  }

  static int statusOf(Throwable refusal) {
    return ((ApiException) refusal).getCode();
  }
}
