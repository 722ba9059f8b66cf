#include "tests/store/store_fixture.h"

#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "store/ingest.h"
#include "store/logdir.h"
#include "store/sqlite/database.h"
#include "store/sqlite/schema.h"

namespace spirogram::store {

StoreFixture::StoreFixture() {
  CHECK(MakeFolders(logdir()).ok());
  CHECK(MakeFolders(data_dir()).ok());
}
StoreFixture::~StoreFixture() = default;

std::string StoreFixture::EventFile(const std::string& run, const std::string& suffix) const {
  return logdir() + "/" + run + "/events.out.tfevents." + suffix;
}

StoreOptions StoreFixture::Options() const {
  return {.logdir = logdir(),
          .data_dir = data_dir(),
          .readers = 2,
          .commit_interval_ms = 5,
          .poll_interval_ms = 20};
}

void StoreFixture::Load() {
  store_.reset();
  auto opened = Store::Open(Options());
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  store_ = std::move(opened).value();
  const Status status = store_->LoadOnce();
  ASSERT_TRUE(status.ok()) << status.error().ToString();
}

void StoreFixture::LoadWithoutCopying() {
  auto database = Database::Open(DatabasePath(), Database::Mode::kWriter);
  ASSERT_TRUE(database.ok()) << database.error().ToString();
  ASSERT_TRUE(MigrateSchema(*database).ok());
  const auto logdir_now = Logdir::Open(logdir(), data_dir(), true);
  ASSERT_TRUE(logdir_now.ok());
  auto ingest = Ingest::Load(*database, *logdir_now);
  ASSERT_TRUE(ingest.ok());
  (*ingest)->NoteFiles(logdir_now->ScanAll().files);
  while ((*ingest)->has_backlog()) ASSERT_TRUE((*ingest)->ReadSome().ok());
  ASSERT_TRUE((*ingest)->CommitPending().ok());
}

store::Run StoreFixture::FindRun(const std::string& name) {
  const auto runs = store_->ReadRuns();
  CHECK(runs.ok());
  for (const store::Run& run : *runs) {
    if (run.name == name) return run;
  }
  ADD_FAILURE() << "no run " << name;
  return {};
}

ScalarRows StoreFixture::Scalars(const std::string& run, const std::string& tag, int rows_max) {
  const auto rows = store_->ReadScalars({.run = FindRun(run).id, .tag = tag, .rows_max = rows_max});
  if (rows.ok()) return *rows;
  ADD_FAILURE() << rows.error().ToString();
  return {};
}

std::vector<Step> StoreFixture::Steps(const std::string& run, const std::string& tag) {
  return Scalars(run, tag).step;
}

}  // namespace spirogram::store
