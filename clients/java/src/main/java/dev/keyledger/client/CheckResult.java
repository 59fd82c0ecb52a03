package dev.keyledger.client;

/** The result of one check of a batch: the decision, or the problem with the check. */
public sealed interface CheckResult permits Decision, Problem {}
