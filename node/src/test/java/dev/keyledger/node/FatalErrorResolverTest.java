package dev.keyledger.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.launch.FatalErrors;
import jakarta.servlet.ServletException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.servlet.ModelAndView;

/** A failure of a controller, as Spring passes it on. */
@Timeout(60)
class FatalErrorResolverTest {
  /** Resolves a fatal failure. */
  static final class Victim {
    public static void main(String[] args) {
      var _ = resolved(new ServletException("dispatch failed", new OutOfMemoryError()));
    }
  }

  @Test
  void aFatalErrorEndsTheProcess() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName())
            .redirectErrorStream(true)
            .start();

    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8))
        .contains("no longer sound: java.lang.OutOfMemoryError");
    assertThat(process.waitFor()).isEqualTo(FatalErrors.EXIT_CODE);
  }

  @Test
  void anyOtherFailureIsLeftToOthers() {
    assertThat(resolved(new IllegalStateException())).isNull();
    assertThat(resolved(new ServletException("dispatch failed", new AssertionError()))).isNull();
  }

  private static @Nullable ModelAndView resolved(Exception failure) {
    return new FatalErrorResolver()
        .resolveException(
            new MockHttpServletRequest(), new MockHttpServletResponse(), null, failure);
  }
}
