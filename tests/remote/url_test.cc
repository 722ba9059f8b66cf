#include "logger/remote/url.h"

#include <gtest/gtest.h>

#include "logger/remote/file_sender.h"
#include "logger/remote/run_name.h"
#include "logger/remote/spool.h"

namespace spirogram::logger {
namespace {

TEST(UrlTest, TakesHostsPortsAndPrefixes) {
  const auto plain = ParseUrl("http://box");
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->Authority(), "box");
  EXPECT_EQ(plain->port, 80);
  const auto full = ParseUrl("http://10.0.0.7:6006/team/a/");
  ASSERT_TRUE(full.ok());
  EXPECT_EQ(full->Authority(), "10.0.0.7:6006");
  EXPECT_EQ(full->prefix, "/team/a");
  const auto ipv6 = ParseUrl("http://[::1]:6006/");
  ASSERT_TRUE(ipv6.ok());
  EXPECT_EQ(ipv6->host, "::1");
  EXPECT_EQ(ipv6->Authority(), "[::1]:6006");
  EXPECT_EQ(ipv6->ToString(), "http://[::1]:6006");
}

TEST(UrlTest, RefusesWhatItWouldMisread) {
  for (const char* text :
       {"", "box:6006", "ftp://box", "https://box", "http://", "http://:6006",
        "http://box:", "http://box:0", "http://box:65536", "http://box:6006x", "http://user@box",
        "http://b ox", "http://box/?run=a", "http://box/#a", "http://[::1", "http://[::1]6006",
        "http://[]", "http://box\r\nX: y", "http://box/a b"}) {
    const auto url = ParseUrl(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_NE(url.error().message.find("want http://HOST"), std::string::npos);
  }
}

TEST(UrlTest, SaysWhatAPortIs) {
  const auto url = ParseUrl("http://127.0.0.1:99999");
  ASSERT_FALSE(url.ok());
  EXPECT_NE(url.error().message.find("a port is a number from 1 to 65535"), std::string::npos);
}

TEST(UrlTest, EncodesAllButUnreservedLetters) {
  EXPECT_EQ(PercentEncode("a/b c.d-e_f~g"), "a%2Fb%20c.d-e_f~g");
  EXPECT_EQ(PercentEncode("\xC3\xA4&=%"), "%C3%A4%26%3D%25");
}

TEST(WriterTest, IsTheBaseNameInLettersThatTheServerTakes) {
  EXPECT_EQ(*WriterOf("/runs/a/events.out.tfevents.1.host.2.0.v2"),
            "events.out.tfevents.1.host.2.0.v2");
  EXPECT_EQ(*WriterOf("tfevents \xC3\xA4"), "tfevents%20%C3%A4");
  EXPECT_EQ(*WriterOf("/a/.tfevents"), "%2Etfevents");
  EXPECT_FALSE(WriterOf("/a/" + std::string(201, 't')).ok());
}

TEST(SpoolTest, TakesTheRunNamesThatTheServerTakes) {
  for (const char* run : {"a", "a/b c", "\xC3\xA4", ".hidden", "..."}) {
    EXPECT_TRUE(CheckRunName(run).ok()) << run;
  }
  for (const char* run : {"", ".", "..", "a/../b", "/a", "a/", "a//b", "a\nb", "\xFF"}) {
    EXPECT_FALSE(CheckRunName(run).ok()) << run;
  }
  EXPECT_FALSE(CheckRunName(std::string(1025, 'x')).ok());
  EXPECT_NE(CheckRunName("a\nb").error().message.find("control characters"), std::string::npos);
}

}  // namespace
}  // namespace spirogram::logger
