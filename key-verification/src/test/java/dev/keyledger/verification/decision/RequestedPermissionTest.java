package dev.keyledger.verification.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class RequestedPermissionTest {
  @Test
  void isAnyPermissionThatIsKnown() {
    assertThat(RequestedPermission.of("read:users")).hasToString("read:users");
    assertThat(RequestedPermission.of("keyledger:verify")).hasToString("keyledger:verify");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RequestedPermission.of("keyledger:verfy"))
        .withMessageStartingWith("must be one of Keyledger's own permissions");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RequestedPermission.of("read users"))
        .withMessageStartingWith("must consist of visible ASCII characters");
  }

  @Test
  void isNoSecret() {
    String secret = "kl_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf33eMGk";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RequestedPermission.of(secret))
        .withMessage("must be a permission, not a secret");
  }
}
