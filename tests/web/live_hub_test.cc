#include "web/live_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/web/columns_reader.h"

namespace spirogram::web {
namespace {

using nlohmann::json;
using spirogram::testing::ReadColumns;
using ::testing::HasSubstr;

class LiveHubTest : public ::testing::Test {
 protected:
  LiveHubTest()
      : hub_(
            "0.1.0", [this] { return progress_; },
            [this](int64_t id) -> Result<ProjectionSnapshot> {
              if (id != 3) return NotFound("no projection with id " + std::to_string(id));
              return projection_;
            }) {
    projection_.projection.id = 3;
    projection_.projection.state = ProjectionState::kRunning;
    client_ = *hub_.Join([this] { ++wakes_; });
  }

  json Next() {
    const auto frame = hub_.TakeNext(client_);
    return frame ? json::parse(*frame->bytes) : json();
  }

  void Commit(std::vector<store::Change> changes) {
    hub_.OnCommit({++sequence_, false, false, std::move(changes)});
  }

  store::LoadProgress progress_;
  ProjectionSnapshot projection_;
  LiveHub hub_;
  LiveClientId client_ = 0;
  int wakes_ = 0;
  uint64_t sequence_ = 0;
};

store::Change ScalarChange(store::RunId run, std::string tag, Step first, Step last) {
  return {run, std::move(tag), store::DataKind::kScalar, first, last};
}

TEST_F(LiveHubTest, GreetsFirst) {
  EXPECT_EQ(Next(), json({{"type", "hello"}, {"version", "0.1.0"}, {"sequence", 0}}));
  EXPECT_EQ(Next(), json());
}

TEST_F(LiveHubTest, MergesMarksThatAPageHasNotRead) {
  Next();
  Commit({ScalarChange(1, "loss", 10, 20)});
  Commit({ScalarChange(1, "loss", 21, 30), ScalarChange(2, "loss", 1, 1)});
  Commit({ScalarChange(1, "loss", 5, 6)});
  const json changes = Next();
  EXPECT_EQ(changes.at("sequence"), 3);
  ASSERT_EQ(changes.at("changes").size(), 2u);
  EXPECT_EQ(changes.at("changes")[0].at("first_step"), 5);
  EXPECT_EQ(changes.at("changes")[0].at("last_step"), 30);
  EXPECT_EQ(changes.at("changes")[0].at("kind"), "scalar");
  EXPECT_EQ(Next(), json());
  EXPECT_EQ(wakes_, 3);
}

TEST_F(LiveHubTest, KeepsFlagsUntilTheyAreRead) {
  Next();
  hub_.OnCommit({1, true, false, {}});
  hub_.OnCommit({2, false, true, {}});
  progress_ = {.bytes_found = 10, .bytes_read = 5, .runs_found = 1, .files_found = 1};
  const json changes = Next();
  EXPECT_EQ(changes.at("runs_changed"), true);
  EXPECT_EQ(changes.at("findings_changed"), true);
  EXPECT_EQ(changes.at("progress").at("bytes_found"), 10);
  hub_.OnCommit({3, false, false, {}});
  EXPECT_EQ(Next().at("runs_changed"), false);
}

TEST_F(LiveHubTest, TellsAPageOfItsRunsAlone) {
  Next();
  hub_.Receive(client_, R"({"type":"subscribe","runs":[2]})");
  Commit({ScalarChange(1, "loss", 1, 1), ScalarChange(2, "loss", 1, 1)});
  json changes = Next();
  ASSERT_EQ(changes.at("changes").size(), 1u);
  EXPECT_EQ(changes.at("changes")[0].at("run"), 2);
  hub_.Receive(client_, R"({"type":"subscribe"})");
  Commit({ScalarChange(1, "loss", 2, 2)});
  EXPECT_EQ(Next().at("changes").size(), 1u);
}

TEST_F(LiveHubTest, AsksAPageThatFellFarBehindToStartOver) {
  Next();
  std::vector<store::Change> many;
  for (size_t i = 0; i <= LiveHub::kMarksMax; ++i) {
    many.push_back(ScalarChange(1, "tag" + std::to_string(i), 0, 0));
  }
  Commit(many);
  Commit(many);
  EXPECT_EQ(Next().at("type"), "resync");
  EXPECT_EQ(Next(), json());
  Commit({ScalarChange(1, "loss", 1, 1)});
  EXPECT_EQ(Next().at("type"), "changes");
}

TEST_F(LiveHubTest, SendsOnlyTheNewestFrameOfAProjection) {
  Next();
  hub_.Receive(client_, R"({"type":"watch_projection","id":3})");
  projection_.projection.iteration = 10;
  hub_.OnProjection(projection_);
  projection_.projection.iteration = 20;
  projection_.coordinates = std::make_shared<const std::vector<float>>(std::vector<float>{1, 2});
  hub_.OnProjection(projection_);
  const auto frame = hub_.TakeNext(client_);
  ASSERT_TRUE(frame.has_value());
  EXPECT_TRUE(frame->is_binary);
  const auto message = ReadColumns(*frame->bytes);
  EXPECT_EQ(message.items[0].at("iteration"), 20);
  EXPECT_EQ(message.Column<float>(0, "coordinates"), (std::vector<float>{1, 2}));
  EXPECT_FALSE(hub_.TakeNext(client_).has_value());
}

TEST_F(LiveHubTest, SendsEachPageTheFormThatItAskedFor) {
  Next();
  projection_.coordinates = std::make_shared<const std::vector<float>>(std::vector<float>{1, 2});
  hub_.Receive(client_, R"({"type":"subscribe","projection_format":"u16"})");
  hub_.Receive(client_, R"({"type":"watch_projection","id":3})");
  const LiveClientId other = *hub_.Join([] {});
  hub_.TakeNext(other);
  hub_.Receive(other, R"({"type":"watch_projection","id":3})");
  for (int i = 0; i < 2; ++i) {
    const auto small = ReadColumns(*hub_.TakeNext(client_)->bytes);
    EXPECT_EQ(small.items[0].at("columns")[0].at("type"), "u16");
    EXPECT_EQ(small.items[0].at("max"), (std::vector<float>{1, 2}));
    const auto whole = ReadColumns(*hub_.TakeNext(other)->bytes);
    EXPECT_EQ(whole.items[0].at("columns")[0].at("type"), "f32");
    hub_.OnProjection(projection_);
  }
  hub_.Receive(client_, R"({"type":"watch_projection","id":3,"projection_format":"f32"})");
  hub_.OnProjection(projection_);
  const auto back = ReadColumns(*hub_.TakeNext(client_)->bytes);
  EXPECT_EQ(back.items[0].at("columns")[0].at("type"), "f32");
  hub_.Receive(client_, R"({"type":"subscribe","projection_format":"f64"})");
  EXPECT_THAT(*hub_.TakeNext(client_)->bytes, HasSubstr("field projection_format"));
}

TEST_F(LiveHubTest, StopsWatchingWhenTheJobEnds) {
  Next();
  hub_.Receive(client_, R"({"type":"watch_projection","id":3})");
  projection_.projection.state = ProjectionState::kDone;
  hub_.OnProjection(projection_);
  EXPECT_TRUE(hub_.TakeNext(client_).has_value());
  hub_.OnProjection(projection_);
  EXPECT_FALSE(hub_.TakeNext(client_).has_value());
}

// Projections that have ended are not among those watched, and were kept without a bound.
TEST(LiveHubFramesTest, KeepsFewUnreadFramesOfProjectionsThatHaveEnded) {
  LiveHub hub(
      "0.1.0", [] { return store::LoadProgress(); },
      [](int64_t id) -> Result<ProjectionSnapshot> {
        ProjectionSnapshot ended;
        ended.projection.id = id;
        ended.projection.state = ProjectionState::kDone;
        return ended;
      });
  const LiveClientId client = *hub.Join([] {});
  hub.TakeNext(client);
  for (size_t id = 1; id <= LiveHub::kFramesMax + 1; ++id) {
    hub.Receive(client, R"({"type":"watch_projection","id":)" + std::to_string(id) + "}");
  }
  EXPECT_THAT(*hub.TakeNext(client)->bytes, HasSubstr("projections wait to be read"));
  size_t frames = 0;
  for (auto frame = hub.TakeNext(client); frame && frame->is_binary; frame = hub.TakeNext(client)) {
    ++frames;
  }
  EXPECT_EQ(frames, LiveHub::kFramesMax);
}

TEST_F(LiveHubTest, ForgetsAProjectionThatIsNoLongerWatched) {
  Next();
  hub_.Receive(client_, R"({"type":"watch_projection","id":3})");
  hub_.Receive(client_, R"({"type":"unwatch_projection","id":3})");
  hub_.OnProjection(projection_);
  EXPECT_FALSE(hub_.TakeNext(client_).has_value());
}

TEST_F(LiveHubTest, AnswersNonsenseWithAnErrorAndKeepsFew) {
  Next();
  for (const char* text :
       {"", "[]", "{", R"({"type":"dance"})", R"({"type":7})", R"({"type":"subscribe","runs":"1"})",
        R"({"type":"subscribe","runs":[0]})", R"({"type":"watch_projection"})",
        R"({"type":"watch_projection","id":99})", "\xFF\xFE",
        R"({"type":"watch_projection","id":-1})"}) {
    hub_.Receive(client_, text);
  }
  size_t errors = 0;
  for (json frame = Next(); !frame.is_null(); frame = Next(), ++errors) {
    EXPECT_EQ(frame.at("type"), "error");
  }
  EXPECT_EQ(errors, LiveHub::kErrorsMax);
}

TEST_F(LiveHubTest, IsSilentToThoseWhoLeft) {
  Next();
  hub_.Leave(client_);
  Commit({ScalarChange(1, "loss", 1, 1)});
  hub_.Receive(client_, "{}");
  EXPECT_FALSE(hub_.TakeNext(client_).has_value());
  EXPECT_EQ(wakes_, 0);
}

TEST_F(LiveHubTest, BoundsItsClients) {
  for (size_t i = 1; i < LiveHub::kClientsMax; ++i) ASSERT_TRUE(hub_.Join([] {}).ok());
  EXPECT_EQ(hub_.Join([] {}).error().code, ErrorCode::kExhausted);
}

}  // namespace
}  // namespace spirogram::web
