package io.tidings.cluster;

import com.hazelcast.cluster.Member;
import io.tidings.settings.Settings.Role;
import java.util.Arrays;
import java.util.Optional;

/**
 * A process on the clustered event bus.
 *
 * @param name that of the node; its address if it has none
 * @param address host and port of its Hazelcast
 * @param role empty for a guest
 * @param self whether it is this process
 */
record BusMember(String name, String address, Optional<Role> role, boolean self) {
  /** The member attribute with a node's name. */
  static final String NAME = "tidings.node";

  /** The member attribute with a node's role. */
  static final String ROLE = "tidings.role";

  static BusMember of(Member member) {
    String name = member.getAttribute(NAME);
    String role = member.getAttribute(ROLE);
    String address = member.getAddress().getHost() + ":" + member.getAddress().getPort();
    return new BusMember(
        name == null ? address : name,
        address,
        Arrays.stream(Role.values()).filter(one -> one.name().equals(role)).findFirst(),
        member.localMember());
  }

  boolean isHub() {
    return role.filter(Role::hub).isPresent();
  }

  /** Whether it is a hub that also produces. */
  boolean isProducingHub() {
    return role.filter(one -> one == Role.ALL).isPresent();
  }

  boolean isProducerOnly() {
    return role.filter(one -> one == Role.PRODUCER).isPresent();
  }
}
