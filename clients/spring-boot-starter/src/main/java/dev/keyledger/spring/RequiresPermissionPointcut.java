package dev.keyledger.spring;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;

/** The methods that {@link RequiresPermission} guards. Reads each annotation once, at the start. */
final class RequiresPermissionPointcut extends StaticMethodMatcherPointcut {
  private final Map<MethodClassKey, Optional<RequiredPermissions>> known =
      new ConcurrentHashMap<>();

  RequiresPermissionPointcut() {
    setClassFilter(type -> AnnotationUtils.isCandidateClass(type, RequiresPermission.class));
  }

  @Override
  public boolean matches(Method method, Class<?> targetClass) {
    return required(method, targetClass).isPresent();
  }

  /** Returns the requirements of a call. */
  RequiredPermissions required(MethodInvocation call) {
    Object target = call.getThis();
    Class<?> type =
        target == null ? call.getMethod().getDeclaringClass() : AopUtils.getTargetClass(target);
    return required(call.getMethod(), type).orElseThrow();
  }

  private Optional<RequiredPermissions> required(Method method, Class<?> targetClass) {
    return known.computeIfAbsent(
        new MethodClassKey(method, targetClass),
        unknown -> Optional.ofNullable(read(method, targetClass)));
  }

  private static @Nullable RequiredPermissions read(Method method, Class<?> targetClass) {
    Method specific = AopUtils.getMostSpecificMethod(method, targetClass);
    RequiresPermission annotation =
        AnnotatedElementUtils.findMergedAnnotation(specific, RequiresPermission.class);
    if (annotation == null && specific.getDeclaringClass() != Object.class) {
      annotation =
          AnnotatedElementUtils.findMergedAnnotation(targetClass, RequiresPermission.class);
    }
    if (annotation == null) {
      return null;
    }
    try {
      return RequiredPermissions.of(annotation.value(), annotation.anyOf());
    } catch (IllegalArgumentException wrong) {
      throw new IllegalStateException(
          "@RequiresPermission of " + specific + ": " + wrong.getMessage(), wrong);
    }
  }
}
