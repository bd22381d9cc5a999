package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComparableHostTest {
  @ParameterizedTest
  @CsvSource({
    "http, news.example, news.example",
    "http, News.Example:80, news.example",
    "http, news.example:, news.example",
    "http, news.example:443, news.example:443",
    "http, news.example:8080, news.example:8080",
    "http, [::1]:80, [::1]",
    "http, [::80], [::80]",
    "https, news.example:443, news.example",
    "https, news.example:80, news.example:80",
    "ftp, news.example:80, news.example:80",
    "ftp, news.example:, news.example",
  })
  void caseAndTheDefaultPortOfTheSchemeMakeNoDifference(
      String scheme, String host, String expected) {
    assertEquals(expected, ComparableHost.of(scheme, host));
  }
}
