package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.ElementNotInteractableException;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.support.ui.FluentWait;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The jar, and a browser for its pages; both are shared by all tests of a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class InBrowser {
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  JarProcess hub;
  ChromeDriver browser;
  private final Duration patience;
  private final String[] arguments;

  /**
   * @param patience how long to wait for a condition
   * @param arguments of the jar
   */
  InBrowser(Duration patience, String... arguments) {
    this.patience = patience;
    this.arguments = arguments;
  }

  @BeforeAll
  void start(@TempDir Path profile) throws IOException {
    hub = JarProcess.start(arguments);
    browser = Chromium.start(profile);
  }

  @AfterAll
  void stop() throws IOException {
    if (browser != null) {
      browser.quit();
    }
    if (hub != null) {
      hub.close();
    }
  }

  /** Leaves the page of the previous test, and discards the browser's log. */
  @BeforeEach
  void fresh() {
    browser.get("about:blank");
    Chromium.errors(browser);
  }

  final WebElement find(String css) {
    return browser.findElement(By.cssSelector(css));
  }

  final List<WebElement> all(String css) {
    return browser.findElements(By.cssSelector(css));
  }

  final String text(String css) {
    return find(css).getText();
  }

  final void click(String css) {
    use(css, WebElement::click);
  }

  final void fill(String css, String text) {
    use(
        css,
        field -> {
          field.clear();
          field.sendKeys(text);
        });
  }

  /** Does something with an element once it is there and can be used, as a person does. */
  private void use(String css, Consumer<WebElement> action) {
    patiently(css + " can be used")
        .ignoreAll(List.of(NoSuchElementException.class, ElementNotInteractableException.class))
        .until(
            driver -> {
              action.accept(find(css));
              return true;
            });
  }

  final void awaitText(String css, String part) {
    await(
        css + " contains " + part,
        () -> all(css).stream().anyMatch(element -> element.getText().contains(part)));
  }

  final void await(String what, BooleanSupplier condition) {
    patiently(what).until(driver -> condition.getAsBoolean());
  }

  private FluentWait<WebDriver> patiently(String what) {
    return new WebDriverWait(browser, patience, LOOK_EVERY)
        .ignoring(StaleElementReferenceException.class)
        .withMessage(() -> what + "; the page: " + text("body"));
  }

  /**
   * Runs an action on a screen as narrow as that of the smallest phones, which the page must fit.
   */
  final void onNarrowPhone(Runnable action) {
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 360, "height", 640, "deviceScaleFactor", 2, "mobile", true));
    try {
      action.run();
      assertEquals(360L, browser.executeScript("return document.documentElement.scrollWidth"));
    } finally {
      browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }
  }
}
