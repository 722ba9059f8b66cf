#include "web/tensorboard/long_series.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/str.h"
#include "web/body_source.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/python_text.h"

namespace spirogram::web::tensorboard {
namespace {

class LongSeries : public BodySource {
 public:
  LongSeries(store::Store& store, const store::Tag& tag) : store_(store) {
    query_.run = tag.run;
    query_.tag = tag.name;
  }

  Result<std::string> NextPart() override {
    if (is_at_end_) return std::string();
    const auto chunk = store_.ReadPoints(query_);
    if (!chunk.ok()) {
      LogWarning(StrCat("tag ", Quoted(query_.tag), " of run ", query_.run, ": ",
                        chunk.error().ToString()));
      return chunk.error();
    }
    is_at_end_ = chunk->is_end || chunk->size() == 0;
    const bool is_first = !std::exchange(query_.after, chunk->last).has_value();
    return Write(*chunk, is_first, is_at_end_);
  }

 private:
  virtual std::string Write(const store::PointsChunk& points, bool is_first, bool is_last) = 0;

  store::Store& store_;
  store::PointsQuery query_;
  bool is_at_end_ = false;
};

class JsonSeries : public LongSeries {
 public:
  using LongSeries::LongSeries;

 private:
  std::string Write(const store::PointsChunk& points, bool is_first, bool is_last) override {
    if (is_first) json_.BeginArray();
    for (size_t i = 0; i < points.size(); ++i) {
      json_.BeginArray();
      json_.Float(points.wall_time[i]);
      json_.Integer(points.step[i]);
      json_.Float(points.value[i]);
      json_.EndArray();
    }
    if (is_last) json_.EndArray();
    return json_.Take();
  }

  JsonWriter json_;
};

class CsvSeries : public LongSeries {
 public:
  using LongSeries::LongSeries;

 private:
  std::string Write(const store::PointsChunk& points, bool is_first, bool) override {
    std::string text = is_first ? std::string(kCsvHeader) : std::string();
    for (size_t i = 0; i < points.size(); ++i) {
      AppendCsvRow(points.wall_time[i], points.step[i], points.value[i], &text);
    }
    return text;
  }
};

Response StreamOf(std::string_view type, std::shared_ptr<BodySource> body) {
  Response response;
  response.Set("Content-Type", type);
  response.stream = std::move(body);
  return response;
}

}  // namespace

void AppendCsvRow(WallTime wall_time, Step step, double value, std::string* out) {
  out->append(PythonFloat(wall_time)).append(StrCat(",", step, ",")).append(PythonFloat(value));
  out->append("\r\n");
}

Response LongSeriesJson(store::Store& store, const store::Tag& tag) {
  return StreamOf("application/json", std::make_shared<JsonSeries>(store, tag));
}

Response LongSeriesCsv(store::Store& store, const store::Tag& tag) {
  return StreamOf(kCsvType, std::make_shared<CsvSeries>(store, tag));
}

}  // namespace spirogram::web::tensorboard
