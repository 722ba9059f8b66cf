// Kills a process that reads a growing logdir, at random moments, and counts what is left: every
// point once, whatever happened.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>

#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using testing::EventBuilder;

class KillTest : public StoreFixture {
 protected:
  // The child: opens the store and follows the logdir until it is killed.
  [[noreturn]] void Follow() {
    auto opened = Store::Open(Options());
    if (!opened.ok()) _exit(3);
    (*opened)->StartTailing();
    while (true) pause();
  }
};

TEST_F(KillTest, LosesAndDoublesNothingInTwentyKills) {
  constexpr int kKills = 20;
  std::mt19937 random(99);
  EventBuilder first(1000);
  EventBuilder second(1000);
  Step step = 0;
  const auto write = [&](int points) {
    for (int i = 0; i < points; ++i, ++step) {
      first.Scalar("loss", step, static_cast<float>(step)).Scalar("other", step, 1);
      if (step % 10 == 0) second.Texts("note", step, "text", {}, {std::to_string(step)});
    }
    first.AppendTo(EventFile("a"));
    second.AppendTo(EventFile("b"));
  };
  for (int round = 0; round < kKills; ++round) {
    write(500);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) Follow();
    const int pieces = static_cast<int>(random() % 12);
    for (int i = 0; i < pieces; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 10));
      write(200);
    }
    kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the store did not open in round " << round;
  }
  Load();
  const ScalarRows loss = Scalars("a", "loss", 1'000'000);
  ASSERT_EQ(loss.size(), static_cast<size_t>(step));
  for (size_t i = 0; i < loss.size(); ++i) {
    ASSERT_EQ(loss.step[i], static_cast<Step>(i));
    ASSERT_EQ(loss.mean[i], static_cast<double>(i));
  }
  EXPECT_EQ(Scalars("a", "other").points, step);
  EXPECT_EQ(FindRun("a").points, 2 * step);
  const auto notes = store_->ReadTexts(FindRun("b").id, "note");
  ASSERT_TRUE(notes.ok());
  ASSERT_EQ(notes->size(), static_cast<size_t>((step + 9) / 10));
  for (size_t i = 0; i < notes->size(); ++i) EXPECT_EQ((*notes)[i].step, static_cast<Step>(10 * i));
  const auto tags = store_->ReadTags({});
  for (const Tag& tag : *tags) {
    EXPECT_EQ(tag.count, tag.name == "note" ? (step + 9) / 10 : step);
  }
}

}  // namespace
}  // namespace spirogram::store
