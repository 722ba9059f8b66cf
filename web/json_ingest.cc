#include "web/json_ingest.h"

#include "web/json_internal.h"

namespace spirogram::web {

std::string IngestPositionJson(std::string_view run, std::string_view writer,
                               const store::IngestPosition& position) {
  return Dump({{"run", run},
               {"writer", writer},
               {"offset", position.offset},
               {"sequence", position.sequence}});
}

std::string IngestStoredJson(std::string_view run, std::string_view writer, std::string_view field,
                             uint64_t position) {
  Json json = {{"run", run}, {"writer", writer}};
  json[std::string(field)] = position;
  return Dump(json);
}

}  // namespace spirogram::web
