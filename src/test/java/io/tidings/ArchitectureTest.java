package io.tidings;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import com.tngtech.archunit.library.Architectures;
import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.auth.TopicRights;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.TopicPattern;
import io.tidings.event.Visibility;
import io.tidings.log.Gap;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.settings.InvalidSetting;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rooms and floors of package-info, enforced. */
class ArchitectureTest {
  private static final String HOUSE = "io.tidings";

  /** A type of the hub, as the manual's list has it. */
  private static final Pattern API_NAME = Pattern.compile("`(io\\.tidings\\.[\\w.]+)`");

  /** The floors from the top down; rooms on one floor do not import each other. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("cli"),
          List.of("http"),
          List.of("presence"),
          List.of("fanout", "producer", "scenes", "dashboard", "cluster"),
          List.of("bus"),
          List.of("log", "access"),
          List.of("wire", "auth", "limits", "logging", "tls"),
          List.of("event", "settings", "metrics", "memory", "transport"));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(HOUSE);

  /** The types that an application may use; docs/library.md lists them. All others may change. */
  private static final Set<Class<?>> PUBLIC_API =
      Set.of(
          Hub.class,
          StoredEvent.class,
          Subscription.class,
          Principal.class,
          Grants.class,
          Event.class,
          Visibility.class,
          Filter.class,
          TopicPattern.class,
          Publication.class,
          ResumeRequest.class,
          ResumeRequest.Live.class,
          ResumeRequest.Earliest.class,
          ResumeRequest.Latest.class,
          ResumeRequest.Since.class,
          ResumeRequest.After.class,
          Gap.class,
          Gap.Reason.class,
          InvalidEvent.class,
          InvalidSetting.class,
          LogUnavailable.class,
          OutcomeUnknown.class);

  @Test
  void thePublicApiNeedsNoOtherTypeOfTheHub() {
    Set<String> others = new TreeSet<>();
    for (Class<?> type : PUBLIC_API) {
      for (Executable member : publicMembers(type)) {
        usedBy(member)
            .filter(used -> used.getName().startsWith(HOUSE + ".") && !PUBLIC_API.contains(used))
            .forEach(used -> others.add(member + " needs " + used.getSimpleName()));
      }
    }
    assertEquals(Set.of(), others);
  }

  @Test
  void theManualListsThePublicApi() throws IOException {
    String manual = Files.readString(Path.of("docs/library.md"));
    for (Class<?> type : PUBLIC_API) {
      boolean listed = type.isMemberClass() || manual.contains("`" + type.getName() + "`");
      assertTrue(listed, () -> type + " is not listed");
    }
    for (Matcher name = API_NAME.matcher(manual); name.find(); ) {
      boolean known = PUBLIC_API.stream().anyMatch(type -> type.getName().equals(name.group(1)));
      assertTrue(known, name.group(1));
    }
  }

  private static List<Executable> publicMembers(Class<?> type) {
    return Stream.<Executable>concat(
            Stream.of(type.getDeclaredMethods()), Stream.of(type.getDeclaredConstructors()))
        .filter(member -> Modifier.isPublic(member.getModifiers()))
        .toList();
  }

  private static Stream<Class<?>> usedBy(Executable member) {
    var types = new ArrayList<Type>(List.of(member.getGenericParameterTypes()));
    if (member instanceof Method method) {
      types.add(method.getGenericReturnType());
    }
    return types.stream().flatMap(ArchitectureTest::classesIn);
  }

  private static Stream<Class<?>> classesIn(Type type) {
    if (type instanceof ParameterizedType generic) {
      return Stream.concat(
          classesIn(generic.getRawType()),
          Stream.of(generic.getActualTypeArguments()).flatMap(ArchitectureTest::classesIn));
    }
    return type instanceof Class<?> plain
        ? Stream.of(plain.isArray() ? plain.getComponentType() : plain)
        : Stream.empty();
  }

  @Test
  void importsGoToLowerFloorsOnly() {
    var house =
        Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage(HOUSE + "..")
            .withOptionalLayers(true)
            .layer("main")
            .definedBy(HOUSE)
            .whereLayer("main")
            .mayNotBeAccessedByAnyLayer();
    for (List<String> floor : FLOORS) {
      for (String room : floor) {
        house = house.layer(room).definedBy(HOUSE + "." + room + "..");
      }
    }
    for (int below = 0; below < FLOORS.size(); below++) {
      String[] above =
          FLOORS.subList(0, below).stream().flatMap(List::stream).toArray(String[]::new);
      for (String room : FLOORS.get(below)) {
        var access = house.whereLayer(room);
        house = access.mayOnlyBeAccessedByLayers(with("main", above));
      }
    }
    house.check(CLASSES);
  }

  @Test
  void everyClassHasARoom() {
    var rooms =
        FLOORS.stream().flatMap(List::stream).map(room -> HOUSE + "." + room + "..").toList();
    var known = with(HOUSE, rooms.toArray(String[]::new));
    noClasses().should().resideOutsideOfPackages(known).check(CLASSES);
  }

  @Test
  void logsImportSharedClassesAndNotEachOther() {
    noClasses()
        .that()
        .resideInAPackage(HOUSE + ".log")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(HOUSE + ".log.disk..", HOUSE + ".log.redis..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(HOUSE + ".log.disk..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(HOUSE + ".log.redis..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(HOUSE + ".log.redis..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(HOUSE + ".log.disk..")
        .check(CLASSES);
  }

  @Test
  void belowTheBusOnlyBuffersFuturesAndFilesOfVertxAreUsed() {
    noClasses()
        .that()
        .resideInAnyPackage(
            HOUSE + ".log",
            HOUSE + ".log.disk..",
            HOUSE + ".wire..",
            HOUSE + ".event..",
            HOUSE + ".metrics..",
            HOUSE + ".memory..")
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "are of Vert.x, but for Buffer, Future, Promise, Handler and the file system",
                type ->
                    type.getPackageName().startsWith("io.vertx")
                        && !type.getPackageName().equals("io.vertx.core.buffer")
                        && !type.getPackageName().equals("io.vertx.core.file")
                        && !List.of("Future", "Promise", "Handler", "AsyncResult")
                            .contains(type.getSimpleName())))
        .check(CLASSES);
  }

  @Test
  void eachDoorShowsItsPrincipalInKnownPlaces() {
    others("http.PublishRoute", "bus.PublishRequests", "bus.RelayIn", "Hub")
        .should()
        .callMethodWhere(is("io.tidings.bus.Intake", "publish"))
        .check(CLASSES);
    others("bus.PublishRequests")
        .should()
        .callMethodWhere(is("io.tidings.bus.Intake", "publishOwn"))
        .check(CLASSES);
    others("http.SubscribeRoute", "http.WebSocketRoute", "fanout.Audiences")
        .should()
        .callMethodWhere(is("io.tidings.fanout.Audiences", "open"))
        .check(CLASSES);
    others("fanout.Audiences", "auth.Tickets")
        .should()
        .callMethod(TopicRights.class, "readable", Principal.class, Filter.class)
        .check(CLASSES);
    others("bus.Intake", "cli.LogImport", "log.EventLog")
        .should()
        .callMethodWhere(is("io.tidings.log.EventLog", "append"))
        .check(CLASSES);
  }

  @Test
  void onlyOpenRequestsAndTheHubItselfMayDoEverything() {
    others(
            "auth.Principal",
            "Hub",
            "http.RequestPrincipals",
            "bus.BusPrincipals",
            "bus.PublishRequests",
            "bus.RelayIn")
        .should()
        .accessField(Principal.class, "HUB")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage(HOUSE + ".auth")
        .should()
        .callMethod(Principal.class, "withoutToken", Grants.class)
        .orShould()
        .callConstructor(
            Principal.class,
            String.class,
            String.class,
            Grants.class,
            Optional.class,
            Optional.class)
        .orShould()
        .callConstructor(
            Principal.class,
            String.class,
            String.class,
            Grants.class,
            Optional.class,
            Optional.class,
            Optional.class,
            Optional.class)
        .check(CLASSES);
  }

  /** All classes except those, named from the root package, and their nested ones. */
  private static GivenClassesConjunction others(String... known) {
    List<String> names = Stream.of(known).map(name -> HOUSE + "." + name).toList();
    return noClasses()
        .that(
            DescribedPredicate.describe(
                "are not " + names, type -> !names.contains(type.getName().split("\\$")[0])));
  }

  private static DescribedPredicate<JavaMethodCall> is(String owner, String name) {
    return DescribedPredicate.describe(
        owner + "." + name,
        call -> call.getTargetOwner().getName().equals(owner) && call.getName().equals(name));
  }

  private static String[] with(String one, String... others) {
    var all = new String[others.length + 1];
    all[0] = one;
    System.arraycopy(others, 0, all, 1, others.length);
    return all;
  }
}
