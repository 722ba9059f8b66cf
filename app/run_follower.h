// Carries what the store holds of one run to its diagnosis: the join between two modules that do
// not know each other's verbs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "diagnosis/diagnosis.h"
#include "store/store.h"

namespace spirogram::app {

// Not thread-safe.
class RunFollower {
 public:
  explicit RunFollower(store::RunId run) : run_(run) {}

  // Reads what was committed since the last call. When a restart has hidden some of what was read
  // by then, or a file was written anew, all that the run now shows is read from its start, so that
  // the conclusion is the one which a newly started program would come to.
  Status Update(store::Store& store);
  store::Diagnosis Conclude() const { return diagnosis_.Conclude(); }

 private:
  enum class Progress { kRead, kGone };

  // Of a tag, as of the last Update.
  struct Seen {
    int64_t count = -1;
    WallTime wall_time = 0;  // of the last point or window
  };

  // Of an embedding, as of the last Update.
  struct Checkpoints {
    int64_t count = 0;
    std::optional<Step> last;
  };

  Result<Progress> Read(store::Store& store, const std::vector<store::Tag>& tags);
  Result<Progress> ReadScalars(store::Store& store, const store::Tag& tag, Seen* seen);
  Result<Progress> ReadWindows(store::Store& store, const store::Tag& tag, Seen* seen);
  Status ReadHistograms(store::Store& store, const std::vector<store::Tag>& tags);
  Status ReadEmbeddings(store::Store& store, const std::vector<store::Tag>& tags);
  Status ReadCheckpoint(store::Store& store, const std::string& tag,
                        const store::EmbeddingInfo& info);
  bool IsGone(const std::string& tag, const Seen& seen, const std::vector<Step>& step,
              const std::vector<WallTime>& wall_time) const;

  store::RunId run_;
  std::string name_;  // read with the first Update
  diagnosis::RunDiagnosis diagnosis_;
  std::map<std::string, Seen> seen_;
  std::map<std::string, int64_t> histograms_;  // how many there were of a tag when it was read
  std::map<std::string, Checkpoints> embeddings_;
};

}  // namespace spirogram::app
