#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>

#include "web/net/connection.h"

namespace spirogram::web::net {
namespace {

using std::chrono::milliseconds;

struct Session {
  explicit Session(asio::io_context& loop) : deadline(loop.get_executor()) {}
  void OnIdle() { ++idle; }
  void OnRetry() { ++retries; }

  Deadline<Session> deadline;
  int idle = 0;
  int retries = 0;
};

TEST(DeadlineTest, CallsWhatWasSetLastThoughTheTimerRanAlready) {
  asio::io_context loop;
  const auto session = std::make_shared<Session>(loop);
  session->deadline.Set(milliseconds(20), session, &Session::OnIdle);
  session->deadline.Set(milliseconds(60), session, &Session::OnRetry);
  loop.run();
  EXPECT_EQ(session->idle, 0);
  EXPECT_EQ(session->retries, 1);
}

TEST(DeadlineTest, CallsWhatWasSetLastWhereItComesNearer) {
  asio::io_context loop;
  const auto session = std::make_shared<Session>(loop);
  session->deadline.Set(milliseconds(10'000), session, &Session::OnIdle);
  session->deadline.Set(milliseconds(20), session, &Session::OnRetry);
  loop.run();
  EXPECT_EQ(session->idle, 0);
  EXPECT_EQ(session->retries, 1);
}

TEST(DeadlineTest, LetsItsOwnerGoOnceItIsCancelled) {
  asio::io_context loop;
  auto session = std::make_shared<Session>(loop);
  const std::weak_ptr<Session> weak = session;
  session->deadline.Set(milliseconds(10'000), session, &Session::OnIdle);
  session->deadline.Cancel();
  session.reset();
  loop.run();
  EXPECT_TRUE(weak.expired());
}

}  // namespace
}  // namespace spirogram::web::net
