#include "operators/builtin/inputs.h"

#include <string>

#include "operators/builtin/feature_block.h"
#include "operators/builtin/python_text.h"

namespace treesmith {
namespace {

constexpr std::string_view kCodes = R"py(
def encode(table, n):
    """Numbers as they are, categories as their place in the alphabet."""
    table = table.copy()
    for column in table:
        if not pd.api.types.is_numeric_dtype(table[column]):
            table[column] = pd.factorize(table[column], sort=True)[0]
    return table.to_numpy(np.float32)
)py";

constexpr std::string_view kNativeCodes = R"py(
CATEGORY_POSITIONS = []


def encode(table, n):
    """Numbers as they are, categories as codes that the model is told of."""
    table = table.copy()
    CATEGORY_POSITIONS.clear()
    for position, column in enumerate(table):
        if not pd.api.types.is_numeric_dtype(table[column]):
            table[column] = pd.factorize(table[column], sort=True)[0]
            CATEGORY_POSITIONS.append(position)
    return table.to_numpy(np.float32)
)py";

constexpr std::string_view kScaled = R"py(
def encode(table, n):
    """Numbers imputed and scaled, categories one-hot, rare ones together."""
    numbers = table.select_dtypes("number").columns
    names = table.columns.difference(numbers, sort=False)
    table = table.copy()
    table[numbers] = table[numbers].replace([np.inf, -np.inf], np.nan)
    encoder = make_column_transformer(
        (@scaler@, numbers),
        (
            OneHotEncoder(
                handle_unknown="infrequent_if_exist",
                min_frequency=5,
                max_categories=@most@,
                sparse_output=False,
            ),
            names,
        ),
    )
    encoder.fit(table.iloc[:n])
    return np.clip(encoder.transform(table), -20, 20)
)py";

constexpr std::string_view kSparse = R"py(
def encode(table, n):
    """A sparse column for every value@crosses@ that repeats."""
    codes = {}
    for column in table:
        values = table[column]
        if pd.api.types.is_numeric_dtype(values) and values.nunique() > 60:
            values = pd.qcut(values, 12, labels=False, duplicates="drop")
        codes[column] = pd.factorize(values, use_na_sentinel=False)[0]
    sets = [[codes[column]] for column in codes]
@more@    parts = []
    for members in sets:
        joined = members[0].astype(np.int64)
        for member in members[1:]:
            joined = joined * (member.max() + 1) + member
        joined = pd.factorize(joined)[0]
        known = np.bincount(joined[:n], minlength=joined.max() + 1)
        often = (known > 0) & (np.bincount(joined) >= LEAST)
        rows = np.flatnonzero(often[joined])
        places = (often.cumsum() - 1)[joined[rows]]
        shape = (len(joined), int(often.sum()))
        parts.append(sparse.csr_matrix((np.ones(len(rows)), (rows, places)), shape))
    numbers = table.select_dtypes("number")
    numbers = numbers.loc[:, numbers.nunique() > 60].replace([np.inf, -np.inf], np.nan)
    if numbers.shape[1]:
        numbers = (numbers - numbers.mean()) / (numbers.std() + 1e-9)
        parts.append(sparse.csr_matrix(numbers.fillna(0).clip(-5, 5)))
    return sparse.hstack(parts).tocsr()
)py";

constexpr std::string_view kPairsOfCodes =
    "    names = sorted(codes, key=lambda c: codes[c].max())[-14:]\n"
    "    pairs = itertools.combinations(names, 2)\n"
    "    sets += [[codes[c] for c in pair] for pair in pairs]\n";
constexpr std::string_view kTriplesOfCodes =
    "    triples = itertools.combinations(names[-9:], 3)\n"
    "    sets += [[codes[c] for c in triple] for triple in triples]\n";

constexpr std::string_view kText = R"py(
def encode(text, n):
    """Weighted counts of words@and_characters@ in each text."""
    parts = []
    for column in WORDS:
        words = TfidfVectorizer(
            ngram_range=(1, @longest@),
            min_df=@least@,
            sublinear_tf=True,
            lowercase=@lowercase@,
            token_pattern=r"@token@",
        )
@unparted@        parts.append(words.fit_transform(text[column]))
@characters@    return sparse.hstack(parts).tocsr()
)py";

constexpr std::string_view kCharacters =
    R"py(        characters = TfidfVectorizer(
            analyzer="@analyzer@",
            ngram_range=(2, @longest@),
            min_df=@least@,
            sublinear_tf=True,
            lowercase=@lowercase@,
        )
        parts.append(characters.fit_transform(text[column]))
)py";

InputSource Sparse(const Recipe& recipe) {
  const std::string crosses = recipe.Choice("crosses", "none");
  InputSource input;
  input.imports = {"from scipy import sparse"};
  std::string more;
  std::string what;
  if (crosses != "none") {
    input.imports.emplace_back("import itertools");
    more = kPairsOfCodes;
    what = " and pair of values";
  }
  if (crosses == "triples") {
    more += kTriplesOfCodes;
    what = ", pair and triple of values";
  }
  input.source = FillTemplate(kSparse, {{"crosses", what}, {"more", more}});
  return input;
}

InputSource Text(const Recipe& recipe, const TaskFacts& facts) {
  const std::string kind = recipe.Choice("characters", "some");
  const bool kept = recipe.Choice("case", "folded") == "kept";
  const bool common = recipe.Choice("rare", "kept") == "dropped";
  const std::string lowercase = kept ? "False" : "True";
  std::string characters;
  if (kind != "none") {
    characters = FillTemplate(
        kCharacters, {{"analyzer", kind == "long" ? "char" : "char_wb"},
                      {"longest", kind == "long" ? "6" : "5"},
                      {"least", common ? "5" : "3"},
                      {"lowercase", lowercase}});
  }
  InputSource input;
  input.imports = {
      "from scipy import sparse",
      "from sklearn.feature_extraction.text import TfidfVectorizer"};
  input.source = FillTemplate(
      kText, {{"and_characters", kind == "none" ? "" : " and characters"},
              {"longest", recipe.Choice("words", "2")},
              {"least", common ? "5" : "2"},
              {"lowercase", lowercase},
              // Punctuation is a habit of writing, as case is.
              {"token", kept ? R"(\w+|[^\w\s])" : R"(\w+)"},
              {"characters", characters},
              CountCharacters(facts).front()});
  return input;
}

InputSource Scaled(const Recipe& recipe) {
  InputSource input;
  input.imports = {
      "from sklearn.compose import make_column_transformer",
      "from sklearn.impute import SimpleImputer",
      "from sklearn.pipeline import make_pipeline",
      "from sklearn.preprocessing import OneHotEncoder",
      "from sklearn.preprocessing import StandardScaler",
  };
  const std::string kind = recipe.Choice("scaler", "standard");
  std::string scaler =
      "make_pipeline(SimpleImputer(strategy=\"median\"), StandardScaler())";
  const std::string pattern =
      "make_pipeline(\n                SimpleImputer(strategy=\"median\"),\n"
      "                @first@,\n                StandardScaler(),\n"
      "            )";
  if (kind == "quantile") {
    input.imports.emplace_back(
        "from sklearn.preprocessing import QuantileTransformer");
    scaler =
        FillTemplate(pattern, {{"first",
                                "QuantileTransformer(n_quantiles=min(500, n), "
                                "output_distribution=\"normal\", "
                                "random_state=1)"}});
  } else if (kind == "splines") {
    input.imports.emplace_back(
        "from sklearn.preprocessing import SplineTransformer");
    scaler = FillTemplate(
        pattern,
        {{"first", "SplineTransformer(n_knots=6, knots=\"quantile\")"}});
  }
  input.source = FillTemplate(
      kScaled,
      {{"scaler", scaler}, {"most", std::to_string(MostNames(recipe))}});
  return input;
}

}  // namespace

int64_t MostNames(const Recipe& recipe) {
  return recipe.family == "linear" ? 300 : 60;
}

InputSource RenderInput(const ModelFamily& family, const Recipe& recipe,
                        const TaskFacts& facts) {
  switch (family.input) {
    case InputKind::kCodes:
      return {.imports = {},
              .source = std::string(recipe.Choice("categories", "") == "native"
                                        ? kNativeCodes
                                        : kCodes)};
    case InputKind::kNamed:
    case InputKind::kCalendar:
      return {};
    case InputKind::kScaled:
      return Scaled(recipe);
    case InputKind::kSparse:
      return Sparse(recipe);
    case InputKind::kText:
      return Text(recipe, facts);
  }
  return {};
}

}  // namespace treesmith
