package dev.keyledger.standalone.process;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes the AOT caches of all applications before the first integration test of a JVM, so that no
 * test waits for them within its own time. The JVMs begin with different ones. JUnit detects this
 * extension by itself.
 */
public final class TrainedApplications implements BeforeAllCallback {
  private static boolean done;

  @Override
  public void beforeAll(ExtensionContext context) {
    if (Application.arePackaged() && !done) {
      List<Application> applications = new ArrayList<>(List.of(Application.values()));
      Collections.rotate(applications, (int) (ProcessHandle.current().pid() % applications.size()));
      applications.forEach(Application::cached);
      done = true;
    }
  }
}
