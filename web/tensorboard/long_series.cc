#include "web/tensorboard/long_series.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/str.h"
#include "web/body_source.h"
#include "web/tensorboard/call.h"
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
  JsonSeries(store::Store& store, const store::Tag& tag, PointForm form)
      : LongSeries(store, tag), form_(form) {}

 private:
  std::string Write(const store::PointsChunk& points, bool is_first, bool is_last) override {
    if (is_first) json_.BeginArray();
    for (size_t i = 0; i < points.size(); ++i) {
      WritePoint(form_, points.wall_time[i], points.step[i], points.value[i], &json_);
    }
    if (is_last) json_.EndArray();
    return json_.Take();
  }

  const PointForm form_;
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

// Pieces of text, each with the series that follows it, if any.
class LongAnswer::Body : public BodySource {
 public:
  void Add(std::string text, std::unique_ptr<BodySource> series) {
    pieces_.push_back({std::move(text), std::move(series)});
  }

  Result<std::string> NextPart() override {
    std::string part;
    while (part.empty() && !pieces_.empty()) {
      Piece& piece = pieces_.front();
      part = std::exchange(piece.text, {});
      std::string points;
      if (piece.series != nullptr) {
        ASSIGN_OR_RETURN(points, piece.series->NextPart());
      }
      if (points.empty()) pieces_.pop_front();
      part += points;
    }
    return part;
  }

 private:
  struct Piece {
    std::string text;
    std::unique_ptr<BodySource> series;
  };
  std::deque<Piece> pieces_;
};

LongAnswer::LongAnswer(store::Store& store) : store_(store), body_(std::make_shared<Body>()) {}

Status LongAnswer::AddSeries(const store::Tag& tag, PointForm form, JsonWriter* json) {
  json->Raw("");  // the value's place, with the comma before it where one is due
  text_bytes_ += json->size();
  body_->Add(json->Take(), std::make_unique<JsonSeries>(store_, tag, form));
  return CheckAnswerSize(text_bytes_);
}

Response LongAnswer::Finish(JsonWriter* json) && {
  body_->Add(json->Take(), nullptr);
  return StreamOf("application/json", std::move(body_));
}

void AppendCsvRow(WallTime wall_time, Step step, double value, std::string* out) {
  out->append(PythonFloat(wall_time)).append(StrCat(",", step, ",")).append(PythonFloat(value));
  out->append("\r\n");
}

Response LongSeriesJson(store::Store& store, const store::Tag& tag) {
  return StreamOf("application/json", std::make_shared<JsonSeries>(store, tag, PointForm::kList));
}

Response LongSeriesCsv(store::Store& store, const store::Tag& tag) {
  return StreamOf(kCsvType, std::make_shared<CsvSeries>(store, tag));
}

}  // namespace spirogram::web::tensorboard
