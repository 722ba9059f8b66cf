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
  StoreFixture();
  ~StoreFixture() override;

  std::string logdir() const { return folder_.File("logs"); }
  std::string data_dir() const { return folder_.File("data"); }
  std::string DatabasePath() const { return data_dir() + "/spirogram.sqlite"; }
  std::string EventFile(const std::string& run, const std::string& suffix = "1") const;
  StoreOptions Options() const;

  // Opens the store anew and reads everything that lies in the logdir.
  void Load();
  // Reads and commits all of it, and ends before the first copy of a large value: the store is not
  // opened.
  void LoadWithoutCopying();

  store::Run FindRun(const std::string& name);
  ScalarRows Scalars(const std::string& run, const std::string& tag, int rows_max = 10'000);
  std::vector<Step> Steps(const std::string& run, const std::string& tag);

  testing::TempDir folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace spirogram::store
