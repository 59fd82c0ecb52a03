package dev.keyledger.http.request;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.access.QueryTurns;
import dev.keyledger.log.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class BulkheadTest {
  private static final Object HANDLER = new Object();

  private final QueryTurns turns = new QueryTurns(Duration.ZERO);
  private final Bulkhead bulkhead = new Bulkhead(turns, Duration.ZERO);

  @Test
  void aWorkspaceHasItsShareAndAllHaveThePlaces() {
    enter("one", Bulkhead.AT_ONCE_OF_WORKSPACE_MAX);
    assertRefused("one");
    enter("other", Bulkhead.AT_ONCE_MAX - Bulkhead.AT_ONCE_OF_WORKSPACE_MAX);
    assertRefused("third");
  }

  @Test
  void aQueryTakesOnePlaceAndGivesItBackOnce() {
    List<MockHttpServletRequest> entered = enter("one", Bulkhead.AT_ONCE_OF_WORKSPACE_MAX);
    bulkhead.enter(entered.getFirst(), "one");
    complete(entered.getFirst());
    complete(entered.getFirst());
    enter("one", 1);
    assertRefused("one");
  }

  @Test
  void aQueryHasATurnUntilItsResponseIsReady() {
    var queries = new ArrayList<MockHttpServletRequest>();
    for (int i = 0; i < QueryTurns.AT_ONCE_OF_WORKSPACE_MAX; i++) {
      queries.add(new MockHttpServletRequest());
      bulkhead.enter(queries.getLast(), "one");
    }
    assertRefused("one");
    bulkhead.ready(queries.getFirst());
    bulkhead.ready(queries.getFirst());
    var next = new MockHttpServletRequest();
    bulkhead.enter(next, "one");
    assertRefused("one");
    complete(next);
    turns.take("one");
  }

  @Test
  void aQueryWithoutATurnGivesItsPlaceBack() {
    for (int i = 0; i < QueryTurns.AT_ONCE_OF_WORKSPACE_MAX; i++) {
      turns.take("one");
    }
    for (int i = 0; i <= Bulkhead.AT_ONCE_OF_WORKSPACE_MAX; i++) {
      var query = new MockHttpServletRequest();
      assertThatThrownBy(() -> bulkhead.enter(query, "one")).hasMessageContaining("queries");
      complete(query);
    }
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
      bulkhead.enter(request, workspace);
      bulkhead.ready(request);
      entered.add(request);
    }
    return entered;
  }

  private void complete(MockHttpServletRequest request) {
    bulkhead.afterCompletion(request, new MockHttpServletResponse(), HANDLER, null);
  }

  private void assertRefused(String workspace) {
    assertThatThrownBy(() -> bulkhead.enter(new MockHttpServletRequest(), workspace))
        .isInstanceOf(StoreUnavailableException.class);
  }
}
