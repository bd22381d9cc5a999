package io.tidings.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a certificate is for a host, by the rules by which others verify it (RFC 2818, RFC 6125):
 * by its alternative names, and by the subject's common name if none of them is a DNS name.
 */
final class CertificateHost {
  private static final Pattern ADDRESS = Pattern.compile("\\d+(\\.\\d+){3}|[\\da-fA-F.:]*:.*");
  private static final Pattern COMMON_NAME = Pattern.compile("(?:^|,)CN=([^,]+)");
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  private CertificateHost() {}

  /**
   * @param host a name or an address, without brackets
   */
  static boolean matches(X509Certificate certificate, String host) {
    if (ADDRESS.matcher(host).matches()) {
      return names(certificate, IP_ADDRESS).stream().anyMatch(name -> sameAddress(name, host));
    }
    List<String> names = names(certificate, DNS_NAME);
    return (names.isEmpty() ? commonName(certificate) : names)
        .stream().anyMatch(name -> sameName(name, host));
  }

  private static List<String> names(X509Certificate certificate, int type) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream()
              .filter(name -> name.get(0).equals(type))
              .map(name -> String.valueOf(name.get(1)))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of(); // as others do, who can't read them either
    }
  }

  private static List<String> commonName(X509Certificate certificate) {
    Matcher found = COMMON_NAME.matcher(certificate.getSubjectX500Principal().getName());
    return found.find() ? List.of(found.group(1)) : List.of();
  }

  private static boolean sameName(String name, String host) {
    if (name.startsWith("*.")) {
      int dot = host.indexOf('.');
      return dot > 0 && host.substring(dot).equalsIgnoreCase(name.substring(1));
    }
    return name.equalsIgnoreCase(host);
  }

  /** Neither is looked up: both are addresses. */
  private static boolean sameAddress(String one, String other) {
    try {
      return InetAddress.getByName(one).equals(InetAddress.getByName(other));
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
