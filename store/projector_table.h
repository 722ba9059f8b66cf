// The tables `projector_*`: what projector configs named, read into the database so that it stays
// and so that projections work on it as on any other embedding. REQUIRES, for all: a transaction is
// open.
//
// Details of a tensor: format byte 1; tensor, metadata, bookmarks and sprite path; i64 thumbnail
// width and height; u64 bytes of metadata, bookmarks and sprite. A tensor that could not be read
// has a row too, of 0 rows, so that it is not tried again before it changes.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/projector_config.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// Writer's side. Folders are the configs', below the logdir.
struct ProjectorFolder {
  RunId run = 0;
  std::string folder;
};
// The rows of a folder by their stamp.
Result<std::map<std::string, int64_t>> SelectStoredTensors(Database& database,
                                                           const ProjectorFolder& at);
Status MoveTensor(Database& database, const ProjectorFolder& at, int64_t tensor_id,
                  int64_t sequence);
Status RemoveTensor(Database& database, const ProjectorFolder& at, int64_t tensor_id);
Status InsertTensor(Database& database, const ProjectorFolder& at, int64_t sequence,
                    const std::string& stamp, const LoadedTensor& tensor,
                    const std::string& message);
Status ReplaceConfig(Database& database, const ProjectorFolder& at, const std::string& stamp,
                     const std::string& message);
// The stamps of all configs that were read, by folder.
Result<std::map<std::string, std::string>> SelectProjectorStamps(Database& database);
// True when the run's event files hold a tag of this name: it goes before a file's.
Result<bool> HasLoggedTag(Database& database, RunId run, const std::string& tag);

// Readers' side. What event files came to hold as well is left out.
Result<std::vector<Tag>> SelectProjectorTags(Database& database, std::span<const RunId> runs);
Result<std::vector<ProjectorTensor>> SelectProjectorTensors(Database& database, RunId run);
Result<std::string> SelectProjectorAsset(Database& database, RunId run,
                                         const std::string& tensor_name, ProjectorAsset asset);
// kNotFound when no config names such an embedding.
Result<std::vector<EmbeddingInfo>> SelectProjectorEmbeddings(Database& database, RunId run,
                                                             const std::string& tag);
Result<Embedding> SelectProjectorEmbedding(Database& database, RunId run, const std::string& tag,
                                           Step step);
// Of the newest checkpoint.
Result<EmbeddingMetadata> SelectProjectorMetadata(Database& database, RunId run,
                                                  const std::string& tag);
// Appends the warnings of the run's configs.
Status AppendProjectorWarnings(Database& database, RunId run, std::vector<Warning>* warnings);

}  // namespace spirogram::store
