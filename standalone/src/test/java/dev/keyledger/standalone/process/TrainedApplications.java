package dev.keyledger.standalone.process;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes the AOT caches of all applications before the first integration test of a JVM, so that no
 * test waits for them within its own time. The JVMs begin with different ones. Only a run of all
 * tests does this: a single one makes what it needs. JUnit detects this extension by itself.
 */
public final class TrainedApplications implements BeforeAllCallback {
  private static boolean done;

  @Override
  public void beforeAll(ExtensionContext context) {
    if (Boolean.getBoolean("keyledger.train-first") && !done) {
      List<Application> applications = new ArrayList<>(List.of(Application.values()));
      Collections.rotate(applications, (int) (ProcessHandle.current().pid() % applications.size()));
      applications.forEach(Application::cached);
      done = true;
    }
  }
}
