// What users do with runs shows at once, also of what lies in the logdir.
#include <gmock/gmock.h>

#include "tests/store/following_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::SizeIs;
using Action = RunChange::Action;

TEST_F(FollowingFixture, APurgedRunThatIsRestoredOrLoggedToIsReadAtOnce) {
  testing::EventBuilder file;
  file.Scalar("loss", 0, 1).AppendTo(EventFile("run"));
  StoreOptions options = Options();
  options.poll_interval_ms = 3'600'000;
  Follow(options);
  ASSERT_TRUE(Await([&] { return CountPoints("run", "loss") == 1; }));
  const auto change = [&](Action action) {
    ASSERT_TRUE(store_->ChangeRuns({.action = action, .runs = {1}}).ok());
  };
  const auto purge = [&] {
    change(Action::kDelete);
    change(Action::kPurge);
    ASSERT_TRUE(Await([&] { return store_->ReadRun(1)->labels.purge == PurgeState::kDone; }));
  };
  purge();
  change(Action::kRestore);
  EXPECT_TRUE(Await([&] { return CountPoints("run", "loss") == 1; }));
  purge();
  file.Scalar("loss", 1, 1).AppendTo(EventFile("run"));
  EXPECT_TRUE(Await([&] { return CountPoints("run", "loss") == 1; }));
  EXPECT_THAT(*store_->ReadRuns(), SizeIs(1));
}

}  // namespace
}  // namespace spirogram::store
