// A log directory loaded into a database that lives as long as the command: nothing is changed that
// a server may hold.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/temp_folder.h"
#include "store/store.h"
#include "transfer/trace_converter.h"

namespace spirogram::app {

class ScratchStore {
 public:
  // Reads the whole log directory.
  static Result<ScratchStore> Load(const std::string& logdir);

  store::Store& operator*() { return *store_; }

 private:
  explicit ScratchStore(TempFolder folder)
      : folder_(std::move(folder)), traces_(std::make_unique<transfer::TraceConverter>()) {}

  TempFolder folder_;
  std::unique_ptr<transfer::TraceConverter> traces_;
  std::unique_ptr<store::Store> store_;  // closed before its folder goes
};

}  // namespace spirogram::app
