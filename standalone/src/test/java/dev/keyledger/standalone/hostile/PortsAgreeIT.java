package dev.keyledger.standalone.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The agreement of both ports about a table of unusual requests. Not in it: a length besides {@code
 * Transfer-Encoding}, which the fast port refuses and the container ignores before it closes the
 * connection (RFC 9112 section 6.3 allows both).
 */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class PortsAgreeIT {
  private static final String FORWARD_AUTH = "/v1/forward-auth";
  private static final String CRLF = "\r\n";
  private static final String CLOSE = "Connection: close\r\n";

  /** The message that only the fast port can give, because only it sees the chunks. */
  private static final String MALFORMED_CHUNKS = "The body broke off, or its chunks are malformed.";

  /** The headers of an answer that clients act on; the transport's own are not. */
  private static final List<String> HEADERS =
      List.of(
          "Content-Type",
          "Cache-Control",
          "WWW-Authenticate",
          "Allow",
          "Accept-Encoding",
          "X-Key-Id",
          "X-Key-Owner",
          "X-Key-Workspace",
          "X-Key-Environment",
          "X-Key-Permissions",
          "X-Key-Expires-At",
          "X-Key-Renew-Before",
          "X-Key-Rotation",
          "Keyledger-Renewal-Due",
          "X-Key-Name",
          "X-Key-Metadata");

  private final Set<String> requests = new LinkedHashSet<>();
  private KeyledgerProcess keyledger;
  private String key;

  @BeforeEach
  void fillTable(KeyledgerProcess shared) {
    keyledger = shared;
    key = shared.issuer().issued("read:users").secret();
    addMethods();
    addTargets();
    addAppendedTargets();
    addSettings();
    addHosts();
    addRequestLines();
    addHeaderLines();
    addCredentials();
    addForwardedAddresses();
    addBodies();
    addLengths();
    addLimits();
  }

  @Test
  void threeHundredUnusualRequestsAreAnsweredAlike() throws IOException {
    assertThat(requests).hasSizeGreaterThanOrEqualTo(300);
    var differences = new ArrayList<String>();
    for (String request : requests) {
      String main = answer(Port.MAIN, request);
      String fast = answer(Port.FAST, request);
      if (!main.equals(fast)) {
        differences.add("%s%n main: %s%n fast: %s%n".formatted(shown(request), main, fast));
      }
    }
    assertThat(differences).as("requests that the ports answer differently").isEmpty();
  }

  @Test
  void aTargetCannotChangeWhatIsAsked() throws IOException {
    String settings = FORWARD_AUTH + "/-/permission=write:users";
    for (String target :
        List.of(
            "/orders?permission=read:users",
            "/?match=any&permission=read:users",
            "//x/../" + "_/..",
            "/../_/x",
            "/..%2f_/x",
            "/%2e%2e/%2e%2e/-/_/x",
            "/..\\_\\x",
            "/../../forward-auth",
            "/../../../actuator/health",
            "/%2e%2e/%2e%2e/%2e%2e/actuator/health",
            "?permission=read:users")) {
      for (Port port : Port.values()) {
        for (String prefix : List.of("", "http://a")) {
          RawAnswer answer =
              sent(port, get(prefix + settings + target, "Authorization: Bearer " + key));
          assertThat(answer.status()).as("%s on %s", target, port).isIn(401, 403);
        }
      }
    }
  }

  private void addMethods() {
    for (String method :
        List.of(
            "GET",
            "HEAD",
            "POST",
            "PUT",
            "PATCH",
            "DELETE",
            "OPTIONS",
            "TRACE",
            "BREW",
            "get",
            "PROPFIND",
            "M-SEARCH",
            "X.Y~Z")) {
      for (String path : List.of("/v1/verify", "/v1/verify/batch", "/nothing")) {
        add(method + " " + path + version("X: y"));
      }
      add(method + " " + FORWARD_AUTH + version("X-API-Key: " + key));
      add(method + " " + FORWARD_AUTH + "/-/_/x" + version("X-API-Key: " + key));
    }
    for (String method : List.of("", "G(T", "GE\u0080T", "G\tT", "\"GET\"", "GET,", "G{}T")) {
      add(method + " " + FORWARD_AUTH + version("X-API-Key: " + key));
    }
  }

  private void addTargets() {
    for (String target :
        List.of(
            "/",
            "//",
            "/v1",
            "/v1/",
            "/v1/forward-auth/",
            "/v1/forward-auth/-",
            "/v1//forward-auth",
            "//v1/forward-auth",
            "/V1/forward-auth",
            "/v1/forward-auth;a=b",
            "/v1/forward-auth;",
            "/v1;a/forward-auth",
            "/v1/forward%2dauth",
            "/v1/forward%2Dauth",
            "/v1/./forward-auth",
            "/v1/x/../forward-auth",
            "/./v1/forward-auth",
            "/v1/forward-auth/.",
            "/v1/forward-auth/..",
            "/../v1/forward-auth",
            "/%2e%2e/v1/forward-auth",
            "/v1/%2e/forward-auth",
            "/..",
            "/.",
            "/v1/forward-auth/%2d/_/x",
            "/v1/x/../forward-auth/-/_/x",
            "/v1/forward-auth/x/../-/_",
            "/v1%2fforward-auth",
            "/v1%2Fforward-auth",
            "/v1%5cforward-auth",
            "/v1/verify%00",
            "/v1/verify%20",
            "/v1/verify%ff",
            "/v1/verify%",
            "/v1/verify%4",
            "/v1/verify%zz",
            "/v1/verify%c3%a4",
            "/v1\\forward-auth",
            "/v1/forward-auth#a",
            "/v1/forward-auth|",
            "/v1/forward-auth\"",
            "/v1/forward-auth<",
            "/v1/forward-auth[]",
            "/v1/forward-auth{}",
            "/v1/forward-auth^",
            "/v1/forward-auth`",
            "/v1/forward-auth\u00e4",
            "/v1/verify/",
            "/v1/verify/batch/",
            "/v1/verify;a",
            "*",
            "v1/forward-auth",
            "?",
            "http:",
            "http:/v1/forward-auth",
            "ftp://a/v1/forward-auth",
            "httpx://a/v1/forward-auth",
            "http//a/v1/forward-auth",
            "a:80",
            "http://a",
            "http://a?permission=read:users",
            "http://a/v1/forward-auth",
            "HTTP://a/v1/forward-auth",
            "https://a/v1/forward-auth",
            "http://b/v1/forward-auth",
            "http://A/v1/forward-auth",
            "http://a:80/v1/forward-auth",
            "http://u@a/v1/forward-auth",
            "http://u:p@a/v1/forward-auth",
            "http://u@v@a/v1/forward-auth",
            "http://@a/v1/forward-auth",
            "http:///v1/forward-auth",
            "http://a//v1/forward-auth",
            "http://a/v1/forward-auth?permission=read:users",
            "http://a/v1/forward-auth?permission=write:users",
            "http://a/v1/x/../forward-auth",
            "http://a/../v1/forward-auth",
            "http://a/v1%2fforward-auth",
            "http://a/v1/verify")) {
      add(get(target, "X-API-Key: " + key));
    }
    add("OPTIONS *" + version("X: y"));
    add("OPTIONS http://a/nothing" + version("X: y").replace("X: y", "X-API-Key: " + key));
    add("CONNECT a:80" + version("X: y"));
    add("POST *" + version("X: y"));
  }

  private void addAppendedTargets() {
    for (String target :
        List.of(
            "_",
            "_/",
            "_/x",
            "_//x",
            "_///",
            "_/x/",
            "_/x?",
            "_/x?a=b",
            "_/x??",
            "_/x?permission=",
            "_/a%2Fb",
            "_/a%2fb/c",
            "_/a%5Cb",
            "_/%00",
            "_/%zz",
            "_/%",
            "_/a;b=c",
            "_/;a",
            "_/a|b",
            "_/{a}",
            "_/[a]",
            "_/a\"b",
            "_/<a>",
            "_/a\\b",
            "_/a^b`c",
            "_/x?a|b{c}[d]\"e\"<f>\\^`",
            "_/a#b",
            "_/a\u00e4",
            "_/x?\u00e4",
            "_/a\tb",
            "_/a b",
            "_/..",
            "_/.",
            "_/../",
            "_/./x",
            "_/x/../y",
            "_/x/..",
            "_/%2e",
            "_/%2E%2e/x",
            "_/.%2e",
            "_/x%2f..",
            "_/x%2f..%2Fy",
            "_/x%5c..%5cy",
            "_/x\\..\\y",
            "_/..;a/b",
            "_/.;",
            "_/...",
            "_/.well-known",
            "_/%252e%252e",
            "_/x?a=/../b",
            "../x",
            "./x",
            "..",
            "%2e%2e/x",
            "",
            "/",
            "/x",
            "?a=b",
            "%5f/x",
            "__/x",
            "_?permission=write:users",
            "permission=read:users",
            "permission=read:users/",
            "permission=read:users/permission=write:users",
            "permission=write:users/x",
            "permission=write:users/?permission=read:users",
            "permission=read%3Ausers/x",
            "permission=read:users;a=b/x",
            "permission=read:users%2Fx/y",
            "permission=/x",
            "permission=read:users&/x",
            "permision=read:users/x",
            "permission=read:*/x",
            "permission=%zz/x",
            "permission=%00/x",
            "permission=a+b/x",
            "workspace=elsewhere/x",
            "workspace=default/workspace=elsewhere",
            "atLeast=x/x",
            "headers=name,metadata/x",
            "credential=bearer/x",
            "credential=header:x-api-key/x",
            "match=any/x")) {
      add(get(FORWARD_AUTH + "/-/" + target, "X-API-Key: " + key));
    }
    for (String target : List.of("_/x", "_/../x", "permission=write:users/x", "x/x")) {
      add(get("http://a" + FORWARD_AUTH + "/-/" + target, "X-API-Key: " + key));
    }
  }

  private void addSettings() {
    for (String query :
        List.of(
            "",
            "&",
            "=",
            "a",
            "a=b",
            "permission",
            "permission=",
            "permission=read:users",
            "permission=read%3ausers",
            "permission=read:users&permission=read:users",
            "permission=read:users&",
            "permission=%",
            "permission=%ff",
            "permission=a%00b",
            "permission=read:users%20",
            "permission=read:users+",
            "%70ermission=read:users",
            "permission=write:users",
            "match=any",
            "match=any&permission=write:users",
            "match=all&match=all",
            "environment=any",
            "environment=test",
            "environment=x",
            "workspace=default",
            "workspace=Default",
            "workspace=elsewhere",
            "maxAge=PT1M",
            "maxAge=PT61S",
            "maxAge=x",
            "atLeast=",
            "atLeast=x",
            "headers=name",
            "headers=metadata,name",
            "headers=id",
            "credential=bearer",
            "credential=basic,x-api-key",
            "credential=x",
            "a|b",
            "a\"b",
            "a[]=b",
            "a<b>",
            "a\\b",
            "a\u00e4b",
            "a#b",
            "a?b",
            "a/../b")) {
      add(get(FORWARD_AUTH + "?" + query, "X-API-Key: " + key));
    }
  }

  private void addHosts() {
    for (String host :
        List.of(
            "",
            "a",
            "key_ledger",
            "key_ledger:8080",
            "_",
            "a_b.c",
            "a:",
            "a:80",
            "a:0",
            "a:99999",
            "a:x",
            "a:-1",
            "a:1:2",
            "a b",
            "a/b",
            "a?b",
            "a#b",
            "u@a",
            "[::1]",
            "[::1]:80",
            "[::1",
            "::1",
            "[a]",
            "[127.0.0.1]",
            "[::1%25eth0]",
            "127.0.0.1",
            "127.0.0.1:80",
            "256.1.1.1",
            "127.1",
            "a..b",
            ".a",
            "a.",
            "-a",
            "a-",
            "%41",
            "%zz",
            "%4",
            "a%00",
            "a!$&'()*+,;=b",
            "\u00e4",
            "a\"b",
            "a\\b",
            "a|b",
            "a,b",
            "\ta",
            "a\t",
            "x".repeat(300))) {
      add("GET " + FORWARD_AUTH + " HTTP/1.1\r\nHost: " + host + CRLF + keyAndEnd());
    }
    add("GET " + FORWARD_AUTH + " HTTP/1.1\r\n" + keyAndEnd());
    add("GET " + FORWARD_AUTH + " HTTP/1.1\r\nHost: a\r\nHost: a\r\n" + keyAndEnd());
    add("GET " + FORWARD_AUTH + " HTTP/1.1\r\nHost: a\r\nhost: b\r\n" + keyAndEnd());
    add("GET http://key_ledger/v1/forward-auth HTTP/1.1\r\nHost: key_ledger\r\n" + keyAndEnd());
    add("GET http://a_b:1/v1/forward-auth HTTP/1.1\r\nHost: a_b:1\r\n" + keyAndEnd());
    add("GET http://a b/v1/forward-auth HTTP/1.1\r\nHost: a b\r\n" + keyAndEnd());
  }

  private void addRequestLines() {
    for (String line :
        List.of(
            "GET /v1/forward-auth HTTP",
            "GET /v1/forward-auth HTTP/",
            "GET /v1/forward-auth HTTP/1",
            "GET /v1/forward-auth HTTP/1.2",
            "GET /v1/forward-auth HTTP/2.0",
            "GET /v1/forward-auth HTTP/0.9",
            "GET /v1/forward-auth HTTP/11.1",
            "GET /v1/forward-auth http/1.1",
            "GET /v1/forward-auth HTTP/1.1x",
            "GET /v1/forward-auth HTTPS/1.1",
            "GET /v1/forward-auth x HTTP/1.1",
            "get /v1/forward-auth HTTP/1.1",
            "GET\u00a0/v1/forward-auth HTTP/1.1",
            "\u0001 / HTTP/1.1",
            "GET /v1/forward-auth HTTP/1.0")) {
      add(line + "\r\nHost: a\r\n" + keyAndEnd());
    }
    add("GET " + FORWARD_AUTH + " HTTP/1.0\r\n" + keyAndEnd());
    add("GET http://a" + FORWARD_AUTH + " HTTP/1.0\r\n" + keyAndEnd());
    add("GET http://a" + FORWARD_AUTH + " HTTP/1.0\r\nHost: b\r\n" + keyAndEnd());
    add("GET http://a b" + FORWARD_AUTH + " HTTP/1.0\r\n" + keyAndEnd());
    add("GET http://[a]" + FORWARD_AUTH + " HTTP/1.0\r\n" + keyAndEnd());
    add(CRLF + get(FORWARD_AUTH, "X-API-Key: " + key));
  }

  private void addHeaderLines() {
    for (String lines :
        List.of(
            "no colon",
            ": no name",
            "a : b",
            " a: b",
            "\ta: b",
            "a: b\r\n c",
            "a: b\r\n\tc",
            "a b: c",
            "a\u0000: b",
            "a: b\u0000c",
            "a: b\u0001c",
            "a: b\u007fc",
            "a: \u00e4",
            "\u00e4: b",
            "a(b: c",
            "a{b: c",
            "a\"b: c",
            "a;b: c",
            "a: b\rc",
            "a:",
            "a:\t",
            "a:b",
            "A: b\r\na: c",
            "Expect: 200-ok",
            "Expect: ",
            "Expect: 100-continue, x",
            "Expect: 100-continue\r\nExpect: x",
            "Upgrade: h2c",
            "Upgrade: websocket\r\nConnection: Upgrade",
            "Content-Encoding: gzip",
            "TE: gzip",
            "Trailer: X",
            "Keyledger-At-Least: x",
            "Keyledger-Workspace: x",
            "Keyledger-Wait: x",
            "Keyledger-Gateway-Token: x",
            "X-Key-Id: forged",
            "Accept: text/html",
            "Range: bytes=0-0",
            "If-Match: W/\"1\"",
            "X-HTTP-Method-Override: DELETE",
            "X-Original-URL: /",
            "Cookie: " + "a=b; ".repeat(400) + "c=d")) {
      add(get(FORWARD_AUTH, "X-API-Key: " + key + CRLF + lines));
    }
    add(get(FORWARD_AUTH, "X-API-Key: " + key + CRLF + "a: b\r\n".repeat(300) + "c: d"));
  }

  private void addCredentials() {
    String basic = Base64.getEncoder().encodeToString(("u:" + key).getBytes(UTF_8));
    for (String lines :
        List.of(
            "X: y",
            "X-API-Key:",
            "X-API-Key: ",
            "X-API-Key: x",
            "x-api-key: {key}",
            "X-API-Key:{key}",
            "X-API-Key: {key} ",
            "X-API-Key:\t{key}\t",
            "X-API-Key: {key},{key}",
            "X-API-Key: {key}\r\nX-API-Key: {key}",
            "X-API-Key: {key}\r\nX-API-Key: x",
            "X-API-Key:\r\nX-API-Key: {key}",
            "X-API-Key: {key}\r\nAuthorization: Bearer x",
            "X-API-Key: x\r\nAuthorization: Bearer {key}",
            "X-API-Key:\r\nAuthorization: Bearer {key}",
            "Authorization: Bearer {key}",
            "authorization: bearer {key}",
            "Authorization: BEARER {key}",
            "Authorization: Bearer  {key}",
            "Authorization: Bearer\t{key}",
            "Authorization: Bearer",
            "Authorization: Bearer {key}x",
            "Authorization: Bearer {key} x",
            "Authorization: {key}",
            "Authorization: Bearer {key}, Bearer {key}",
            "Authorization: Bearer \u00a0{key}",
            "Authorization: Bearer {key}\r\nAuthorization: Bearer {key}",
            "Authorization: Bearer {key}\r\nAuthorization: Bearer x",
            "Authorization: Basic x\r\nAuthorization: Bearer {key}",
            "Authorization: Basic {basic}",
            "Authorization: Token {key}",
            "Authorization:\r\nX-API-Key: {key}",
            "Cookie: key={key}",
            "X-API-Key: \u00e4{key}",
            "X-API-Key: {key}\u0000")) {
      String filled = lines.replace("{key}", key).replace("{basic}", basic);
      add(get(FORWARD_AUTH, filled));
      if (lines.startsWith("Authorization")) {
        add(get(FORWARD_AUTH + "?credential=basic,token,header:authorization", filled));
        add(verify("{\"key\":\"x\"}", filled));
      }
    }
  }

  private void addForwardedAddresses() {
    for (String lines :
        List.of(
            "X-Forwarded-For: x",
            "X-Forwarded-For: 1.2.3.4:5",
            "Forwarded: for=\"x",
            "Forwarded:")) {
      add(get(FORWARD_AUTH, "X-API-Key: " + key + CRLF + lines));
    }
  }

  private void addBodies() {
    String root = "Authorization: Bearer " + keyledger.rootKey();
    for (String body :
        List.of(
            "",
            "{}",
            "[]",
            "7",
            "{",
            "{\"key\":\"x\"}",
            "\u00ef\u00bb\u00bf{\"key\":\"x\"}",
            "{\"key\":\"x\"} x",
            "{\"key\":\"x\",\"key\":\"x\"}",
            "{\"key\":7}",
            "{\"key\":\"x\",\"a\":1}",
            "{\"key\":\"x\",\"ip\":\"1.2.3.4:5\"}",
            "{\"key\":\"x\",\"ip\":\"x\"}",
            "{\"key\":\"x\",\"ip\":null}",
            "{\"key\":\"\u00e4\"}",
            "{\"key\":\"\\u0000\"}",
            "{\"key\":\"x\",\"maxAge\":\"PT2M\"}",
            "{\"key\":\"x\",\"workspace\":\"default\"}",
            "{\"key\":\"x\",\"cacheable\":1}",
            "[".repeat(1000),
            "{\"key\":\"x\",\"environment\":\"x\"}")) {
      add(verify(body, root));
    }
    for (String body :
        List.of(
            "{\"checks\":[]}",
            "{\"checks\":7}",
            "{\"checks\":[7,{\"key\":\"x\"},{}]}",
            "{\"checks\":[{\"key\":\"x\",\"ip\":7,\"a\":[{}]},{\"key\":\"x\"}]}")) {
      add(verify(body, root).replace("/v1/verify", "/v1/verify/batch"));
    }
    String check = "{\"key\":\"x\"}";
    for (String lines :
        List.of(
            "Content-Encoding: gzip",
            "Content-Encoding: identity",
            "Content-Encoding:",
            "Content-Encoding: identity, gzip",
            "Keyledger-At-Least: x",
            "Keyledger-Wait: x",
            "Keyledger-Workspace: nowhere",
            "X-API-Key: x",
            "Accept: text/html",
            "Expect: x")) {
      add(verify(check, root + CRLF + lines));
    }
    add(verify(check, root).replace("application/json", "text/plain"));
    add(verify(check, root).replace("application/json", "APPLICATION/JSON;charset=x"));
    add(verify(check, root).replace("Content-Type: application/json\r\n", ""));
    add(verify(check, root).replace("/v1/verify", "/v1/verify?x=y"));
    add(verify(check, root).replace("/v1/verify", "/v1/verify?"));
    add(verify(check, root).replace("/v1/verify", "http://a/v1/verify"));
    add(verify(check, "X: y"));
  }

  private void addLengths() {
    String head = "POST /v1/verify" + " HTTP/1.1\r\nHost: a\r\n" + CLOSE;
    for (String rest :
        List.of(
            "Content-Length: 0",
            "Content-Length: -1",
            "Content-Length: +1",
            "Content-Length: x",
            "Content-Length:",
            "Content-Length: 0x1",
            "Content-Length: 1 1",
            "Content-Length: 99999999999999999999",
            "Content-Length: 0\r\nContent-Length: 0",
            "Content-Length: 0\r\nContent-Length: 1",
            "Content-Length: 0, 0",
            "Transfer-Encoding: gzip",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: x",
            "Transfer-Encoding: chunked, gzip")) {
      add(head + rest + "\r\n\r\n" + (rest.startsWith("Transfer") ? "0\r\n\r\n" : ""));
    }
    for (String chunks :
        List.of("0\r\n\r\n", "zz\r\n", "2\r\n{}\r\n0\r\n\r\n", "2;a=b\r\n{}\r\n0\r\n\r\n")) {
      add(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
    }
    add("POST " + FORWARD_AUTH + version("X-API-Key: " + key + "\r\nContent-Length: 2") + "{}");
    add("GET " + FORWARD_AUTH + version("X-API-Key: " + key + "\r\nContent-Length: 2") + "{}");
  }

  private void addLimits() {
    for (String path : List.of("/v1/verify", "/nothing")) {
      add(get(path, "X: " + "a".repeat(8192 - "Host: a\r\nConnection: close\r\nX: \r\n".length())));
      add(get(path, "X: " + "a".repeat(8193 - "Host: a\r\nConnection: close\r\nX: \r\n".length())));
      add(
          get(
              path + "?" + "a".repeat(8192 - path.length() - "GET ? HTTP/1.1\r\n".length()),
              "X: y"));
      add(
          get(
              path + "?" + "a".repeat(8193 - path.length() - "GET ? HTTP/1.1\r\n".length()),
              "X: y"));
    }
    String lines = "X-API-Key: " + key;
    int taken = ("Host: a\r\nConnection: close\r\nX: \r\n" + lines + CRLF).length();
    for (String path : List.of(FORWARD_AUTH, FORWARD_AUTH + "/-/_/x")) {
      for (int bytes : new int[] {8193, 32 * 1024, 32 * 1024 + 1, 60_000}) {
        add(get(path, lines + CRLF + "X: " + "a".repeat(bytes - taken)));
      }
    }
    String line = FORWARD_AUTH + "/-/_/";
    for (int bytes : new int[] {8193, 32 * 1024, 32 * 1024 + 1}) {
      int more = bytes - ("GET " + line + "? HTTP/1.1\r\n").length();
      add(get(line + "?" + "a".repeat(more), lines));
    }
  }

  private void add(String request) {
    requests.add(request);
  }

  private static String get(String target, String lines) {
    return "GET " + target + version(lines);
  }

  private static String version(String lines) {
    return " HTTP/1.1\r\nHost: a\r\n" + CLOSE + lines + "\r\n\r\n";
  }

  private String keyAndEnd() {
    return CLOSE + "X-API-Key: " + key + "\r\n\r\n";
  }

  private static String verify(String body, String lines) {
    return "POST /v1/verify"
        + version(lines + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length())
        + body;
  }

  /** Returns an answer as far as it must be the same. */
  private String answer(Port port, String request) throws IOException {
    RawAnswer answer = sent(port, request);
    var headers = new TreeMap<String, List<String>>();
    for (String name : HEADERS) {
      List<String> values = answer.headers().allValues(name);
      if (!values.isEmpty()) {
        headers.put(name.toLowerCase(Locale.ROOT), values);
      }
    }
    String body =
        answer
            .body()
            .replaceAll("req_[0-9a-f]{32}", "req")
            .replace(MALFORMED_CHUNKS, "The request cannot be understood.")
            .replaceAll("\"asOf\":\"[^\"]*\"", "asOf")
            .replaceAll("\"position\":[0-9]+", "position");
    return answer.status() + " " + headers + " " + body;
  }

  private RawAnswer sent(Port port, String request) throws IOException {
    return RawAnswer.to(keyledger.uri(port), request.getBytes(ISO_8859_1));
  }

  private static String shown(String request) {
    String escaped = request.replace("\r", "\\r").replace("\n", "\\n");
    return escaped.length() < 500 ? escaped : escaped.substring(0, 500) + "...";
  }
}
