package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidings.event.Filter;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrantTemplatesTest {
  private static GrantTemplates templates(String... subscribe) {
    return new GrantTemplates(
        Settings.of(
                Map.of(
                    "auth.grants.subscribe", new io.vertx.core.json.JsonArray(List.of(subscribe))))
            .auth()
            .grants());
  }

  private static ObjectNode claims(String name, String value) {
    return new ObjectMapper().createObjectNode().put(name, value);
  }

  private static Optional<Filter> granted(String template, String subject) {
    return templates(template).of(claims("sub", subject)).subscribe();
  }

  @Test
  void aPlaceholderIsTheClaimAsOnePart() {
    assertEquals(Optional.of(Filter.of("user.alice.**")), granted("user.{sub}.**", "alice"));
    assertEquals(Optional.of(Filter.of("user.Ärger|1 x")), granted("user.{sub}", "Ärger|1 x"));
    assertEquals(Optional.of(Filter.of("alice.alice")), granted("{sub}.{sub}", "alice"));
    assertEquals(Optional.of(Filter.of("news")), granted("news", "a.b"));
    assertEquals(
        Optional.of(Filter.of("t.acme.*")),
        templates("t.{tenant}.*").of(claims("tenant", "acme")).subscribe());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "*", "**", "a*", "a.b", ".", ".a", "a.", "a\nb", "a\u0000", "\u007f", "\ud800"
      })
  void aClaimThatIsNotOnePartGetsNothing(String subject) {
    assertEquals(Optional.empty(), granted("user.{sub}.**", subject));
  }

  @Test
  void nobodyGetsTheHubsOwnTopicsByBeingNamedHub() {
    assertEquals(Optional.empty(), granted("{sub}.**", "hub"));
    assertEquals(Optional.empty(), granted("{sub}", "hub"));
    assertEquals(Optional.of(Filter.of("user.hub.**")), granted("user.{sub}.**", "hub"));
    assertEquals(Optional.of(Filter.of("Hub.**")), granted("{sub}.**", "Hub"));
  }

  @Test
  void nobodyGetsTheTopicsOfTheScenesByBeingNamedScenes() {
    assertEquals(Optional.empty(), granted("{sub}.**", "scenes"));
    assertEquals(Optional.empty(), granted("{sub}.run", "scenes"));
    assertEquals(Optional.of(Filter.of("user.scenes.**")), granted("user.{sub}.**", "scenes"));
    assertEquals(Optional.of(Filter.of("scenes2.**")), granted("{sub}.**", "scenes2"));
  }

  @Test
  void aClaimThatIsMissingOrNoStringGetsNothingByThatTemplateOnly() {
    GrantTemplates templates = templates("user.{sub}", "team.{team}", "all");
    ObjectNode claims = claims("sub", "a");
    assertEquals(Optional.of(Filter.of("user.a", "all")), templates.of(claims).subscribe());
    claims.put("team", 7);
    assertEquals(Optional.of(Filter.of("user.a", "all")), templates.of(claims).subscribe());
    claims.putObject("team").put("x", "y");
    assertEquals(Optional.of(Filter.of("user.a", "all")), templates.of(claims).subscribe());
  }

  @Test
  void aClaimWithAPlaceholderInItIsNotFilledAgain() {
    ObjectNode claims = claims("sub", "{team}").put("team", "red");
    assertEquals(
        Optional.of(Filter.of("user.{team}")), templates("user.{sub}").of(claims).subscribe());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user-{sub}",
        "{sub}{sub}",
        "user.{}",
        "user.{sub",
        "user.sub}",
        "{a-b}",
        "a..b",
        "**.{sub}",
        "user.{sub}*"
      })
  void aTemplateThatBreaksARuleIsRefused(String template) {
    assertThrows(InvalidSetting.class, () -> templates(template));
  }
}
