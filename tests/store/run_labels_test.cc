// Runs as objects: what users say of them, deletion with a way back, and removal for good.
#include "store/run_labels.h"

#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "store/file_removal.h"
#include "store/run_change.h"
#include "store/sqlite/database.h"
#include "store/sqlite/run_tables.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Action = RunChange::Action;

RunLabels Edited(const RunEdit& edit, RunLabels labels = {}) {
  const auto result = ApplyEdit(edit, &labels);
  EXPECT_TRUE(result.ok()) << result.error().ToString();
  return labels;
}

std::string EditError(const RunEdit& edit) {
  RunLabels labels;
  const auto result = ApplyEdit(edit, &labels);
  return result.ok() ? "no error" : result.error().message;
}

TEST(RunEditTest, TrimsNamesAndSortsTags) {
  const RunLabels labels =
      Edited({.name = "  best one\n", .tags = {{"b", " a ", "b"}}, .colour = "#FFaa00"});
  EXPECT_EQ(labels.name, "best one");
  EXPECT_THAT(labels.tags, ElementsAre("a", "b"));
  EXPECT_EQ(labels.colour, "#ffaa00");
}

TEST(RunEditTest, AddsAndRemovesTags) {
  RunLabels before;
  before.tags = {"keep", "old"};
  EXPECT_THAT(Edited({.add_tags = {"new"}, .remove_tags = {"old", "absent"}}, before).tags,
              ElementsAre("keep", "new"));
}

TEST(RunEditTest, KeepsANoteAsItIs) {
  const std::string note = "  <b>not</b> markup\n\ttabs & lines  ";
  EXPECT_EQ(Edited({.note = note}).note, note);
  EXPECT_EQ(Edited({.note = std::string(kRunNoteBytesMax, 'x')}).note_bytes, kRunNoteBytesMax);
}

TEST(RunEditTest, NamesTheFieldAndItsBound) {
  EXPECT_EQ(EditError({.name = std::string(257, 'x')}),
            "field name: got 257 bytes, want at most 256");
  EXPECT_EQ(EditError({.note = std::string(65'537, 'x')}),
            "field note: got 65537 bytes, want at most 65536");
  EXPECT_EQ(EditError({.name = "a\x01z"}), "field name: has a control or direction character");
  EXPECT_EQ(EditError({.name = "txt.\xE2\x80\xAEgpj"}),
            "field name: has a control or direction character");
  EXPECT_EQ(EditError({.name = "\xFF"}), "field name: not UTF-8");
  EXPECT_EQ(EditError({.note = std::string("a\0b", 3)}), "field note: has a NUL");
  EXPECT_EQ(EditError({.tags = {{" "}}}), "field tags: a tag is empty");
  EXPECT_THAT(EditError({.add_tags = {std::string(65, 't')}}), HasSubstr("want at most 64"));
  EXPECT_THAT(EditError({.colour = "red"}), HasSubstr("want \"#rrggbb\" or null"));
  std::vector<std::string> many;
  for (int i = 0; i < 65; ++i) many.push_back(std::to_string(i));
  EXPECT_EQ(EditError({.tags = many}), "field tags: got 65 tags, want at most 64");
}

TEST(RunEditTest, SaysWhetherSomethingChanged) {
  RunLabels labels;
  EXPECT_FALSE(ApplyEdit({.name = "", .tags = {{}}}, &labels).value());
  EXPECT_TRUE(ApplyEdit({.is_pinned = true}, &labels).value());
  EXPECT_FALSE(ApplyEdit({.is_pinned = true}, &labels).value());
}

class RunObjectTest : public StoreFixture {
 protected:
  void Log(const std::string& run, const std::string& suffix = "1", int steps = 3) {
    EventBuilder file;
    for (Step step = 0; step < steps; ++step) file.Scalar("loss", step, 1);
    file.Texts("note", 0, "text", {}, {"hello"}).AppendTo(EventFile(run, suffix));
  }
  Result<std::vector<store::Run>> Change(Action action, std::vector<RunId> runs,
                                         RunEdit edit = {}) {
    return store_->ChangeRuns({.action = action, .runs = std::move(runs), .edit = std::move(edit)});
  }
  std::vector<std::string> Names() {
    std::vector<std::string> names;
    const auto runs = store_->ReadRuns();
    for (const store::Run& run : *runs) names.push_back(run.name);
    return names;
  }
  // Rows that the database holds of the run, its tombstone aside. The store must be closed.
  int64_t CountRows(RunId run) {
    store_.reset();
    auto database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kReader);
    CHECK(database.ok());
    int64_t rows = 0;
    const auto tables = ListRunTables(*database);
    for (const RunTable& table : *tables) {
      rows += *database->QueryInt("SELECT count(*) FROM " + table.name +
                                  " WHERE run_id = " + std::to_string(run));
    }
    return rows;
  }
  // Opens the store with its thread running.
  void Serve(double keep_deleted_s = 1e6) {
    StoreOptions options = Options();
    options.keep_deleted_s = keep_deleted_s;
    options.allow_delete_files = true;
    store_.reset();
    auto opened = Store::Open(options);
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    store_ = std::move(opened).value();
    store_->StartTailing();
  }
  template <typename Condition>
  static bool Eventually(const Condition& condition) {
    for (int i = 0; i < 2000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
};

TEST_F(RunObjectTest, LabelsSurviveARestartAndAReread) {
  Log("run");
  Load();
  const RunId id = FindRun("run").id;
  ASSERT_TRUE(Change(Action::kEdit, {id},
                     {.name = "Best",
                      .note = "why",
                      .tags = {{"paper"}},
                      .colour = "#010203",
                      .is_pinned = true})
                  .ok());
  std::filesystem::remove_all(logdir() + "/run");
  Load();
  Log("run", "1", 5);  // another file under the same name: read anew
  Load();
  const store::Run run = FindRun("run");
  EXPECT_EQ(run.id, id);
  EXPECT_EQ(run.labels.name, "Best");
  EXPECT_EQ(run.labels.note, "why");
  EXPECT_THAT(run.labels.tags, ElementsAre("paper"));
  EXPECT_EQ(run.labels.colour, "#010203");
  EXPECT_TRUE(run.labels.is_pinned);
  EXPECT_EQ(run.labels.revision, 1);
}

TEST_F(RunObjectTest, AListCutsALongNoteAndASingleRunDoesNot) {
  Log("run");
  Load();
  const RunId id = FindRun("run").id;
  std::string note;
  for (int i = 0; i < 1000; ++i) note += "\xC3\xA4";
  ASSERT_TRUE(Change(Action::kEdit, {id}, {.note = note}).ok());
  EXPECT_EQ(FindRun("run").labels.note, note.substr(0, 2 * kRunNoteExcerptCharacters));
  EXPECT_EQ(FindRun("run").labels.note_bytes, note.size());
  EXPECT_EQ(store_->ReadRun(id)->labels.note, note);
}

TEST_F(RunObjectTest, SomeRunsAreListedAsAllAre) {
  Log("a");
  Log("b");
  Log("c");
  Load();
  const RunId a = FindRun("a").id;
  const RunId b = FindRun("b").id;
  const RunId c = FindRun("c").id;
  ASSERT_TRUE(Change(Action::kDelete, {c}).ok());
  std::vector<RunId> order;
  const auto all = store_->ReadRuns();
  for (const store::Run& run : *all) order.push_back(run.id);
  EXPECT_THAT(order, UnorderedElementsAre(a, b));

  std::vector<RunId> some;
  const std::vector<RunId> asked = {c, 9999, b, a, a};
  const auto among = store_->ReadRunsAmong(asked);
  ASSERT_TRUE(among.ok()) << among.error().ToString();
  for (const store::Run& run : *among) some.push_back(run.id);
  EXPECT_EQ(some, order);
  EXPECT_EQ(among->front().status, all->front().status);
  EXPECT_THAT(*store_->ReadRunsAmong({}), IsEmpty());
}

TEST_F(RunObjectTest, ARunIsFoundByItsNameUntilItIsDeleted) {
  Log("sweep/a");
  Log("sweep/b");
  Log("caf\xe9");  // Latin-1: its name is spelled otherwise
  Load();
  const RunId a = FindRun("sweep/a").id;
  EXPECT_EQ(*store_->FindRun("sweep/a"), a);
  EXPECT_EQ(*store_->FindRun("sweep"), std::nullopt);
  EXPECT_EQ(*store_->FindRun("caf\xef\xbf\xbd"), FindRun("caf\xef\xbf\xbd").id);
  ASSERT_TRUE(Change(Action::kDelete, {a}).ok());
  EXPECT_EQ(*store_->FindRun("sweep/a"), std::nullopt);
  EXPECT_NE(*store_->FindRun("sweep/b"), std::nullopt);
}

TEST_F(RunObjectTest, AStaleRevisionChangesNothing) {
  Log("run");
  Load();
  const RunId id = FindRun("run").id;
  ASSERT_TRUE(Change(Action::kEdit, {id}, {.name = "mine"}).ok());
  const auto stale = store_->ChangeRuns(
      {.action = Action::kEdit, .runs = {id}, .edit = {.name = "yours"}, .revision = 0});
  ASSERT_FALSE(stale.ok());
  EXPECT_EQ(stale.error().code, ErrorCode::kConflict);
  EXPECT_EQ(FindRun("run").labels.name, "mine");
}

TEST_F(RunObjectTest, AChangeOfManyRunsIsAllOrNothing) {
  Log("a");
  Log("b");
  Load();
  const auto result = Change(Action::kDelete, {FindRun("a").id, FindRun("b").id, 99});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(Names(), SizeIs(2));
}

TEST_F(RunObjectTest, ADeletedRunIsHiddenEverywhereAndComesBackWhole) {
  Log("gone");
  Log("kept");
  Load();
  const RunId id = FindRun("gone").id;
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  EXPECT_THAT(Names(), ElementsAre("kept"));
  const auto tags = store_->ReadTags({});
  for (const Tag& tag : *tags) EXPECT_NE(tag.run, id);
  ASSERT_THAT(*store_->ReadDeletedRuns(), SizeIs(1));
  EXPECT_EQ(store_->ReadDeletedRuns()->front().name, "gone");
  EventBuilder(1'800'000'000).Scalar("loss", 7, 1).AppendTo(EventFile("gone"));
  Load();  // it is read on, and stays hidden
  EXPECT_THAT(Names(), ElementsAre("kept"));
  ASSERT_TRUE(Change(Action::kRestore, {id}).ok());
  EXPECT_EQ(FindRun("gone").points, 4);
  EXPECT_EQ(FindRun("gone").id, id);
}

// Whoever deletes a run and trains it anew must not look for it in vain.
TEST_F(RunObjectTest, ADeletedRunShowsAgainWholeWhenAProgramBeginsToLogToIt) {
  Log("run");
  Load();
  const RunId id = FindRun("run").id;
  ASSERT_TRUE(Change(Action::kEdit, {id}, {.name = "mine"}).ok());
  for (const bool is_restarted : {false, true}) {
    ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
    if (is_restarted) Load();
    EXPECT_THAT(Names(), IsEmpty());
    Log("run", is_restarted ? "3" : "2");  // a file that was not there
    ASSERT_TRUE(store_->LoadOnce().ok());
    EXPECT_EQ(FindRun("run").id, id);
    EXPECT_EQ(FindRun("run").labels.name, "mine");
    EXPECT_EQ(FindRun("run").labels.deleted_time, std::nullopt);
  }
  EXPECT_EQ(FindRun("run").points, 9);
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  std::filesystem::remove(EventFile("run"));
  Log("run", "1", 5);  // a file that was written anew
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_EQ(FindRun("run").points, 11);
}

TEST_F(RunObjectTest, ARunningServerShowsADeletedRunThatIsLoggedToAnew) {
  Log("run");
  Load();
  Serve();
  const RunId id = FindRun("run").id;
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  std::ofstream(EventFile("run", "2")).flush();  // empty at first, as TensorFlow's writers make it
  Log("other");
  ASSERT_TRUE(Eventually([&] { return Names() == std::vector<std::string>{"other"}; }));
  Log("run", "2");
  ASSERT_TRUE(Eventually([&] { return Names().size() == 2; }));
  EXPECT_TRUE(Eventually([&] { return FindRun("run").points == 6; }));
}

TEST_F(RunObjectTest, APurgeNeedsADeletionBefore) {
  Log("run");
  Load();
  const auto result = Change(Action::kPurge, {FindRun("run").id});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kConflict);
  EXPECT_THAT(result.error().message, HasSubstr("is not deleted"));
}

TEST_F(RunObjectTest, APurgeRemovesEveryRowOfThatRunAlone) {
  Log("gone", "1", 5000);
  Log("kept");
  Load();
  const RunId gone = FindRun("gone").id;
  const RunId kept = FindRun("kept").id;
  ASSERT_TRUE(Change(Action::kDelete, {gone}).ok());
  ASSERT_TRUE(Change(Action::kPurge, {gone}).ok());
  EXPECT_EQ(store_->ReadRun(gone)->labels.purge, PurgeState::kDone);
  EXPECT_EQ(CountRows(gone), 0);
  EXPECT_GT(CountRows(kept), 0);
}

TEST_F(RunObjectTest, APurgedRunStaysAwayThoughItsFilesLieThereUntilItIsReadAgain) {
  Log("run");
  Load();
  const RunId id = FindRun("run").id;
  ASSERT_TRUE(Change(Action::kEdit, {id}, {.name = "mine"}).ok());
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  ASSERT_TRUE(Change(Action::kPurge, {id}).ok());
  for (int start = 0; start < 2; ++start) {
    Load();
    EXPECT_THAT(Names(), IsEmpty());
    EXPECT_EQ(store_->ReadRun(id)->points, 0);
  }
  ASSERT_TRUE(Change(Action::kRestore, {id}).ok());
  Load();
  EXPECT_EQ(FindRun("run").id, id);
  EXPECT_EQ(FindRun("run").points, 3);
  EXPECT_EQ(FindRun("run").labels.name, "mine");
}

// A program that logs to a run again must not log into the void.
TEST_F(RunObjectTest, APurgedRunShowsAgainWithWhatIsNewOfIt) {
  Log("run");
  Load();
  const RunId id = FindRun("run").id;
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  ASSERT_TRUE(Change(Action::kPurge, {id}).ok());
  Load();
  Log("run", "2", 5);  // a new file
  Load();
  ASSERT_EQ(FindRun("run").id, id);
  EXPECT_EQ(FindRun("run").points, 5);
  EXPECT_EQ(FindRun("run").labels.deleted_time, std::nullopt);
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  ASSERT_TRUE(Change(Action::kPurge, {id}).ok());
  EventBuilder more(1'800'000'000);
  more.Scalar("loss", 7, 1).AppendTo(EventFile("run", "2"));  // a file that was read before
  Load();
  EXPECT_EQ(FindRun("run").points, 1);
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(7));
  // All of it is still to be had.
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  ASSERT_TRUE(Change(Action::kPurge, {id}).ok());
  ASSERT_TRUE(Change(Action::kRestore, {id}).ok());
  Load();
  EXPECT_EQ(FindRun("run").points, 9);
}

TEST_F(RunObjectTest, ATornTailDoesNotBringAPurgedRunBack) {
  Log("run");
  Load();
  const RunId id = FindRun("run").id;
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  const std::string record = EventBuilder().Scalar("loss", 9, 1).bytes();
  ASSERT_TRUE(AppendFile::Open(EventFile("run"))->Append(record.substr(0, 20)).ok());
  ASSERT_TRUE(store_->LoadOnce().ok());
  ASSERT_TRUE(Change(Action::kPurge, {id}).ok());
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_THAT(Names(), IsEmpty());
  ASSERT_TRUE(AppendFile::Open(EventFile("run"))->Append(record.substr(20)).ok());
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(9));
}

TEST_F(RunObjectTest, ARunningServerShowsWhatIsWrittenToAPurgedRun) {
  Log("run");
  Load();
  Serve();
  const RunId id = FindRun("run").id;
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  ASSERT_TRUE(Change(Action::kPurge, {id}).ok());
  EventBuilder(1'800'000'000).Scalar("loss", 8, 1).AppendTo(EventFile("run"));
  ASSERT_TRUE(Eventually([&] { return Names() == std::vector<std::string>{"run"}; }));
  EXPECT_TRUE(Eventually([&] { return store_->ReadRun(id)->points == 1; }));
  EXPECT_TRUE(Eventually([&] {
    const LoadProgress progress = store_->GetProgress();
    return progress.files_found == 1 && progress.bytes_read == progress.bytes_found;
  }));
}

TEST_F(RunObjectTest, APurgeGoesOnBesideReadingAndIsTold) {
  Log("gone", "1", 50'000);
  Load();
  Serve();
  ASSERT_TRUE(Eventually([&] { return Names().size() == 1; }));
  const RunId id = FindRun("gone").id;
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  ASSERT_TRUE(Change(Action::kPurge, {id}).ok());
  Log("new");
  EXPECT_TRUE(Eventually([&] { return Names() == std::vector<std::string>{"new"}; }));
  EXPECT_TRUE(Eventually([&] { return store_->ReadRun(id)->labels.purge == PurgeState::kDone; }));
  ASSERT_TRUE(Change(Action::kRestore, {id}).ok());
  EXPECT_TRUE(Eventually([&] { return store_->ReadRun(id)->points == 50'000; }));
}

TEST_F(RunObjectTest, APurgeThatAStopInterruptsIsTakenUpAgain) {
  Log("gone", "1", 20'000);
  Load();
  const RunId id = FindRun("gone").id;
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  store_.reset();
  {
    auto database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kWriter);
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(database->Execute("UPDATE run_labels SET purge_state = 1").ok());
  }
  Serve();
  EXPECT_TRUE(Eventually([&] { return store_->ReadRun(id)->labels.purge == PurgeState::kDone; }));
  EXPECT_EQ(CountRows(id), 0);
}

TEST_F(RunObjectTest, DeletedRunsArePurgedWhenTheirTimeIsOver) {
  Log("gone");
  Load();
  const RunId id = FindRun("gone").id;
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  Serve(/*keep_deleted_s=*/0);
  EXPECT_TRUE(Eventually([&] { return store_->ReadRun(id)->labels.purge == PurgeState::kDone; }));
  EXPECT_TRUE(std::filesystem::exists(EventFile("gone")));
}

TEST_F(RunObjectTest, MeasuresRunsOnDiskAndInTheDatabase) {
  Log("small");
  Log("large", "1", 50'000);
  Load();
  const auto sizes = store_->ReadRunSizes();
  ASSERT_TRUE(sizes.ok()) << sizes.error().ToString();
  ASSERT_THAT(*sizes, SizeIs(2));
  for (const RunSize& size : *sizes) {
    const bool is_large = size.run == FindRun("large").id;
    EXPECT_EQ(size.disk_bytes, std::filesystem::file_size(EventFile(is_large ? "large" : "small")));
    // Even steps and equal values pack to next to nothing; a row has its numbers at least.
    EXPECT_GT(size.database_bytes, is_large ? 1000u : 100u);
  }
}

TEST_F(RunObjectTest, FilesAreDeletedOnlyWhereTheServerAllowsIt) {
  Log("run");
  Load();  // without allow_delete_files
  const RunId id = FindRun("run").id;
  ASSERT_TRUE(Change(Action::kDelete, {id}).ok());
  const RunChange purge{.action = Action::kPurge, .runs = {id}, .edit = {}, .delete_files = true};
  EXPECT_EQ(store_->ChangeRuns(purge).error().code, ErrorCode::kPermission);
  EXPECT_EQ(store_->ReadRun(id)->labels.purge, PurgeState::kNone);
  EXPECT_TRUE(std::filesystem::exists(EventFile("run")));
  Serve();
  ASSERT_TRUE(store_->ChangeRuns(purge).ok());
  EXPECT_FALSE(std::filesystem::exists(EventFile("run")));
}

class FileRemovalTest : public StoreFixture {};

TEST_F(FileRemovalTest, TakesEventFilesOfTheFolderItselfAndNothingElse) {
  EventBuilder().Scalar("loss", 0, 1).AppendTo(EventFile("run"));
  EventBuilder().Scalar("loss", 0, 1).AppendTo(EventFile("run/below"));
  std::ofstream(logdir() + "/run/model.ckpt") << "weights";
  std::ofstream(folder_.File("events.out.tfevents.outside")) << "outside";
  std::filesystem::create_symlink(folder_.File("events.out.tfevents.outside"),
                                  logdir() + "/run/events.out.tfevents.link");
  EXPECT_EQ(RemoveEventFiles(logdir(), "run").value(), 1);
  EXPECT_FALSE(std::filesystem::exists(EventFile("run")));
  EXPECT_TRUE(std::filesystem::exists(EventFile("run/below")));
  EXPECT_TRUE(std::filesystem::exists(logdir() + "/run/model.ckpt"));
  EXPECT_TRUE(std::filesystem::exists(folder_.File("events.out.tfevents.outside")));
}

TEST_F(FileRemovalTest, NeverGoesThroughALinkOrUpwards) {
  const std::string outside = folder_.File("outside");
  ASSERT_TRUE(MakeFolders(outside).ok());
  std::ofstream(outside + "/events.out.tfevents.1") << "outside";
  std::filesystem::create_directory_symlink(outside, logdir() + "/link");
  for (const char* run : {"link", "../outside", "a/../../outside", "/etc", ""}) {
    const auto removed = RemoveEventFiles(logdir(), run);
    EXPECT_TRUE(!removed.ok() || *removed == 0) << run;
  }
  EXPECT_EQ(RemoveEventFiles(logdir(), "link").error().code, ErrorCode::kPermission);
  EXPECT_TRUE(std::filesystem::exists(outside + "/events.out.tfevents.1"));
}

TEST_F(FileRemovalTest, AFolderThatHasGoneIsNoError) {
  EXPECT_EQ(RemoveEventFiles(logdir(), "gone/before").value(), 0);
}

}  // namespace
}  // namespace spirogram::store
