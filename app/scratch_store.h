// A log directory loaded into a database that lives as long as the command: nothing is changed that
// a server may hold.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace spirogram::app {

class ScratchStore {
 public:
  // Reads the whole log directory.
  static Result<ScratchStore> Load(const std::string& logdir);

  ScratchStore(ScratchStore&& other) noexcept;
  ScratchStore& operator=(ScratchStore&&) = delete;
  ~ScratchStore();

  store::Store& operator*() { return *store_; }

 private:
  explicit ScratchStore(std::string folder) : folder_(std::move(folder)) {}

  std::string folder_;
  std::unique_ptr<store::Store> store_;
};

}  // namespace spirogram::app
