package dev.keyledger.http.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class BulkheadTest {
  private static final Object HANDLER = new Object();

  private final Bulkhead bulkhead = new Bulkhead(Duration.ZERO);

  @Test
  void aWorkspaceHasItsShareAndAllHaveThePlaces() {
    enter("one", Bulkhead.AT_ONCE_OF_WORKSPACE_MAX);
    assertRefused("one");
    enter("other", Bulkhead.AT_ONCE_MAX - Bulkhead.AT_ONCE_OF_WORKSPACE_MAX);
    assertRefused("third");
  }

  @Test
  void aRequestGivesItsPlaceBackOnceWhenItIsHandledOrGoesOnElsewhere() {
    List<MockHttpServletRequest> entered = enter("one", Bulkhead.AT_ONCE_OF_WORKSPACE_MAX);
    complete(entered.getFirst());
    complete(entered.getFirst());
    enter("one", 1);
    assertRefused("one");
    bulkhead.afterConcurrentHandlingStarted(
        entered.getLast(), new MockHttpServletResponse(), HANDLER);
    complete(entered.getLast());
    enter("one", 1);
    assertRefused("one");
  }

  @Test
  void aRequestWithoutAPlaceGivesNoneBack() {
    enter("one", Bulkhead.AT_ONCE_OF_WORKSPACE_MAX);
    complete(new MockHttpServletRequest());
    assertRefused("one");
  }

  private List<MockHttpServletRequest> enter(String workspace, int times) {
    var entered = new ArrayList<MockHttpServletRequest>();
    for (int i = 0; i < times; i++) {
      var request = new MockHttpServletRequest();
      assertThatCode(() -> bulkhead.enter(request, workspace)).doesNotThrowAnyException();
      entered.add(request);
    }
    return entered;
  }

  private void complete(MockHttpServletRequest request) {
    bulkhead.afterCompletion(request, new MockHttpServletResponse(), HANDLER, null);
  }

  private void assertRefused(String workspace) {
    assertThatThrownBy(() -> bulkhead.enter(new MockHttpServletRequest(), workspace))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refused -> assertThat(refused.code()).isEqualTo(ProblemCode.STORE_UNAVAILABLE));
  }
}
