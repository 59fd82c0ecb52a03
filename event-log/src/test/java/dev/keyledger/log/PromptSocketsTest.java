package dev.keyledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PromptSocketsTest {
  @Test
  void aPollReadsAvailableBytesWithoutWaiting() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket socket = new PromptSockets().createSocket()) {
      socket.connect(server.getLocalSocketAddress());
      try (Socket peer = server.accept()) {
        socket.setSoTimeout(1);
        assertThatThrownBy(() -> socket.getInputStream().read(new byte[8]))
            .isInstanceOf(SocketTimeoutException.class)
            .hasMessage("no data available");
        assertThatThrownBy(() -> socket.getInputStream().read())
            .isInstanceOf(SocketTimeoutException.class)
            .hasMessage("no data available");

        peer.getOutputStream().write(new byte[] {7, 8, 9});
        socket.setSoTimeout(0);
        assertThat(socket.getInputStream().read()).isEqualTo(7);
        socket.setSoTimeout(1);
        assertThat(socket.getInputStream().read(new byte[8])).isEqualTo(2);
      }
    }
  }

  @Test
  void otherReadsWaitForTheirTimeout() throws Exception {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket socket = new PromptSockets().createSocket()) {
      socket.connect(server.getLocalSocketAddress());
      try (Socket _ = server.accept()) {
        socket.setSoTimeout(20);
        assertThatThrownBy(() -> socket.getInputStream().read())
            .isInstanceOf(SocketTimeoutException.class)
            .hasMessage("Read timed out");
      }
    }
  }
}
