package clients.restclient;

import org.springframework.web.client.RestClientResponseException;

final class Connection {
  static ApiClient to(String uri, String credential) {
    var client = new ApiClient();
    client.setBasePath(uri);
    client.setBearerToken(credential);
    return client;
  }

  static int statusOf(Throwable refusal) {
    return ((RestClientResponseException) refusal).getStatusCode().value();
  }
}
