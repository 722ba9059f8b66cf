// A logdir, a data directory and a store over them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "store/store.h"
#include "tests/testing/event_builder.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::store {

class StoreFixture : public ::testing::Test {
 protected:
  StoreFixture() {
    CHECK(MakeFolders(logdir()).ok());
    CHECK(MakeFolders(data_dir()).ok());
  }

  std::string logdir() const { return folder_.File("logs"); }
  std::string data_dir() const { return folder_.File("data"); }
  std::string EventFile(const std::string& run, const std::string& suffix = "1") const {
    return logdir() + "/" + run + "/events.out.tfevents." + suffix;
  }
  StoreOptions Options() const {
    return {.logdir = logdir(),
            .data_dir = data_dir(),
            .readers = 2,
            .commit_interval_ms = 5,
            .poll_interval_ms = 20};
  }

  // Opens the store anew and reads everything that lies in the logdir.
  void Load() {
    store_.reset();
    auto opened = Store::Open(Options());
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    store_ = std::move(opened).value();
    const Status status = store_->LoadOnce();
    ASSERT_TRUE(status.ok()) << status.error().ToString();
  }

  store::Run FindRun(const std::string& name) {
    const auto runs = store_->ReadRuns();
    CHECK(runs.ok());
    for (const store::Run& run : *runs) {
      if (run.name == name) return run;
    }
    ADD_FAILURE() << "no run " << name;
    return {};
  }

  ScalarRows Scalars(const std::string& run, const std::string& tag, int rows_max = 10'000) {
    const auto rows =
        store_->ReadScalars({.run = FindRun(run).id, .tag = tag, .rows_max = rows_max});
    if (rows.ok()) return *rows;
    ADD_FAILURE() << rows.error().ToString();
    return {};
  }
  std::vector<Step> Steps(const std::string& run, const std::string& tag) {
    return Scalars(run, tag).step;
  }

  testing::TempDir folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace spirogram::store
