package com.example.news;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class NewsApplication {
  public static void main(String[] arguments) {
    SpringApplication.run(NewsApplication.class, arguments);
  }
}
