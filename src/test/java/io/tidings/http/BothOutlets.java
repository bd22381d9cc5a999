package io.tidings.http;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs a suite once for each value of {@code stream.outlet}: streams have the same guarantees
 * through the fast path to the socket and through the portable one. The suite takes the value as
 * its parameter, and starts its hubs with it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "stream.outlet: {0}")
@ValueSource(strings = {"channel", "response"})
@interface BothOutlets {}
