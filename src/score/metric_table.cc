#include "score/additive_metrics.h"
#include "score/rank_metrics.h"

namespace treesmith {
namespace {

constexpr Direction kMin = Direction::kMinimize;
constexpr Direction kMax = Direction::kMaximize;
constexpr Pooling kPooled = Pooling::kPooled;
constexpr Pooling kPerFold = Pooling::kPerFold;

// Aliases are phrases that task descriptions use; a phrase that also means
// something else in such texts (a bare "error", "score") is left out.
constexpr MetricRow kMetrics[] = {
    {"root_mean_squared_error", "rmse",
     "root mean square error|root mean squared deviation|rmsd",
     "sqrt(mean((truth - prediction)^2))", kMin, Needs::kValue, kPooled,
     TargetType::kNumber, Columns::kSame, &kSquaredError},
    {"mean_squared_error", "mse", "mean square error",
     "mean((truth - prediction)^2)", kMin, Needs::kValue, kPooled,
     TargetType::kNumber, Columns::kSame, &kMeanSquaredError},
    {"root_mean_squared_log_error", "rmsle",
     "root mean squared logarithmic error|root mean square logarithmic error|"
     "root mean square log error|root mean squared log error|"
     "root mean squared logarithmic loss",
     "sqrt(mean((log(1 + truth) - log(1 + prediction))^2))", kMin,
     Needs::kValue, kPooled, TargetType::kNumber, Columns::kSame,
     &kSquaredLogError, nullptr, Domain::kNotNegative},
    {"rmse_log", "rmse_log",
     "root mean squared error of log|rmse of log|"
     "root mean squared error between the logarithm|"
     "root mean squared error rmse between the logarithm|"
     "rmse between the logarithm|rmse of the logarithm|log rmse|"
     "root mean squared error between the logarithms|"
     "rmse between the logarithms|rmse of the logarithms",
     "sqrt(mean((log(truth) - log(prediction))^2))", kMin, Needs::kValue,
     kPooled, TargetType::kNumber, Columns::kSame, &kSquaredPureLog, nullptr,
     Domain::kPositive},
    {"mean_absolute_error", "mae", "mean absolute deviation",
     "mean(|truth - prediction|)", kMin, Needs::kValue, kPooled,
     TargetType::kNumber, Columns::kSame, &kAbsoluteError},
    {"median_absolute_error", "medae", "median ae",
     "median(|truth - prediction|)", kMin, Needs::kValue, kPooled,
     TargetType::kNumber, Columns::kSame, nullptr, MedianAbsoluteError},
    {"mean_absolute_percentage_error", "mape", "mean absolute percent error",
     "mean(|truth - prediction| / |truth|)", kMin, Needs::kValue, kPooled,
     TargetType::kNumber, Columns::kSame, &kPercentageError},
    {"symmetric_mean_absolute_percentage_error", "smape",
     "symmetric mape|symmetric mean absolute percent error",
     "mean(200 |truth - prediction| / (|truth| + |prediction|)), 0 at 0/0",
     kMin, Needs::kValue, kPooled, TargetType::kNumber, Columns::kSame,
     &kSymmetricPercentageError},
    {"r2_score", "r2",
     "r squared|r 2|coefficient of determination|rsquared|r2 coefficient",
     "1 - sum((truth - prediction)^2) / sum((truth - mean)^2)", kMax,
     Needs::kValue, kPooled, TargetType::kNumber, Columns::kSame, &kRSquared},
    {"mean_pinball_loss", "pinball", "quantile loss|pinball loss",
     "mean(max(q (truth - prediction), (q - 1) (truth - prediction)))", kMin,
     Needs::kValue, kPooled, TargetType::kNumber, Columns::kSame, &kPinball,
     nullptr, Domain::kAny, 0.5},
    {"mean_columnwise_root_mean_squared_error", "mcrmse",
     "mean column wise root mean squared error|"
     "columnwise root mean squared error|"
     "mean columnwise rmse|mean column wise rmse|mean column rmse",
     "mean over columns of rmse", kMin, Needs::kValue, kPooled,
     TargetType::kNumber, Columns::kSame, &kSquaredError},
    {"mean_columnwise_root_mean_squared_log_error", "mcrmsle",
     "column wise root mean squared logarithmic error|"
     "mean column wise root mean squared logarithmic error|"
     "columnwise root mean squared logarithmic error|"
     "mean columnwise root mean squared logarithmic error|"
     "mean columnwise rmsle|mean column wise rmsle|mean column rmsle",
     "mean over columns of rmsle", kMin, Needs::kValue, kPooled,
     TargetType::kNumber, Columns::kSame, &kSquaredLogError, nullptr,
     Domain::kNotNegative},
    {"mean_columnwise_mean_absolute_error", "mcmae",
     "mean column wise mean absolute error|columnwise mean absolute error|"
     "mean columnwise mae|mean column wise mae|mean column mae",
     "mean over columns of mae", kMin, Needs::kValue, kPooled,
     TargetType::kNumber, Columns::kSame, &kAbsoluteError},
    {"spearmanr", "spearman",
     "spearman correlation|spearman s rank correlation|"
     "spearman rank correlation|spearmans rank correlation|"
     "spearman s correlation coefficient|spearman s rho",
     "correlation of the ranks, ties sharing theirs", kMax, Needs::kOrder,
     kPerFold, TargetType::kNumber, Columns::kOne, nullptr, Spearman},
    {"concordance_index", "c_index",
     "concordance|c index|cindex|concordance index|harrell s c",
     "share of comparable pairs in the right order, ties half", kMax,
     Needs::kOrder, kPerFold, TargetType::kNumber, Columns::kOne, nullptr,
     ConcordanceIndex},
    {"normalized_gini", "gini",
     "normalized gini coefficient|gini coefficient|gini index|"
     "normalised gini|gini score",
     "cov(truth, rank of prediction) / cov(truth, its own rank)", kMax,
     Needs::kOrder, kPerFold, TargetType::kNumber, Columns::kOne, nullptr,
     NormalizedGini},
    {"roc_auc", "auc",
     "area under the roc curve|area under the receiver operating "
     "characteristic curve|area under the receiver operating characteristic|"
     "area under roc curve|area under the curve|area under roc|roc auc|"
     "auc roc|auroc|roc_auc_score|roc_auc_ovr|"
     "area under receiver operating characteristic curve|"
     "area under receiver operating characteristic|"
     "area under the roc",
     "P(score of a positive > score of a negative), ties half; several "
     "classes: mean of one against the rest",
     kMax, Needs::kOrder, kPerFold, TargetType::kClasses, Columns::kClasses,
     nullptr, AreaUnderCurve},
    {"mean_columnwise_roc_auc", "mcauc",
     "mean column wise auc|mean column wise roc auc|mean columnwise auc|"
     "mean column wise area under the roc curve|"
     "mean columnwise area under the roc curve|"
     "mean columnwise area under the receiver operating characteristic curve|"
     "mean column auc|average auc of each predicted column|"
     "mean column wise area under the receiver operating characteristic curve",
     "mean over columns of auc", kMax, Needs::kOrder, kPerFold,
     TargetType::kBinary, Columns::kClasses, nullptr, AreaUnderCurve},
    {"log_loss", "logloss",
     "logarithmic loss|log loss|cross entropy|cross entropy loss|"
     "binary cross entropy|categorical cross entropy|multi class log loss|"
     "multi class logarithmic loss|multiclass log loss|"
     "multiclass logarithmic loss|binary log loss|logarithmic likelihood loss",
     "mean(-log(probability of the true class))", kMin, Needs::kProbability,
     kPooled, TargetType::kClasses, Columns::kClasses, &kLogLoss},
    {"mean_columnwise_log_loss", "mclogloss",
     "mean column wise log loss|mean columnwise logloss|"
     "column wise log loss|column wise logarithmic loss|"
     "mean columnwise logarithmic loss|"
     "mean column wise logarithmic loss|mean column wise logloss|"
     "mean column log loss",
     "mean over columns of log_loss", kMin, Needs::kProbability, kPooled,
     TargetType::kBinary, Columns::kClasses, &kLogLoss},
    {"brier_score_loss", "brier", "brier score|brier loss",
     "mean((probability - truth)^2), summed over the columns of several "
     "classes",
     kMin, Needs::kProbability, kPooled, TargetType::kClasses,
     Columns::kClasses, &kBrier},
    {"accuracy", "accuracy",
     "categorization accuracy|classification accuracy|accuracy score|"
     "percentage of correct predictions|percentage of correct classifications|"
     "percentage correctly predicted|percent correct|"
     "percentage of correctly predicted labels|"
     "percentage of predicted labels that are correct|percent of correct",
     "share of labels that are right", kMax, Needs::kLabel, kPooled,
     TargetType::kClasses, Columns::kOne, &kAccuracy},
    {"balanced_accuracy", "balanced_accuracy",
     "balanced accuracy score|mean recall|macro recall|"
     "mean per class accuracy|mean class accuracy",
     "mean over classes of their recall", kMax, Needs::kLabel, kPooled,
     TargetType::kClasses, Columns::kOne, &kBalancedAccuracy},
    {"f1", "f1", "f1 measure|f score|f measure|f1 binary|mean f1",
     "2 precision recall / (precision + recall) of class 1", kMax,
     Needs::kLabel, kPooled, TargetType::kBinary, Columns::kOne, &kFBetaBinary,
     nullptr, Domain::kAny, 1},
    {"f1_macro", "f1_macro",
     "macro f1|macro averaged f1|macro f1 score|macro averaged f1 score|"
     "f1 score macro|macro average f1|f1 score with macro average",
     "mean over classes of f1", kMax, Needs::kLabel, kPooled,
     TargetType::kClasses, Columns::kOne, &kFBetaMacro, nullptr, Domain::kAny,
     1},
    {"f1_micro", "f1_micro",
     "micro f1|micro averaged f1|micro f1 score|micro averaged f1 score|"
     "f1 score micro|micro average f1",
     "f1 of all decisions together", kMax, Needs::kLabel, kPooled,
     TargetType::kClasses, Columns::kOne, &kFBetaMicro, nullptr, Domain::kAny,
     1},
    {"f1_weighted", "f1_weighted",
     "weighted f1|weighted f1 score|f1 score weighted|weighted averaged f1",
     "mean over classes of f1, weighted by their rows", kMax, Needs::kLabel,
     kPooled, TargetType::kClasses, Columns::kOne, &kFBetaWeighted, nullptr,
     Domain::kAny, 1},
    {"f_beta", "f_beta", "fbeta|f beta score|fbeta score",
     "(1 + b^2) precision recall / (b^2 precision + recall) of class 1", kMax,
     Needs::kLabel, kPooled, TargetType::kBinary, Columns::kOne, &kFBetaBinary,
     nullptr, Domain::kAny, 2},
    {"matthews_corrcoef", "mcc",
     "matthews correlation coefficient|matthews correlation|"
     "matthews coefficient|phi coefficient|matthew s correlation coefficient|"
     "matthew correlation coefficient",
     "correlation of the decided with the true classes", kMax, Needs::kLabel,
     kPooled, TargetType::kClasses, Columns::kOne, &kMatthews},
    {"quadratic_weighted_kappa", "qwk",
     "quadratic kappa|weighted kappa|kappa|cohen kappa|cohen s kappa|"
     "quadratic weighted cohen s kappa|quadratically weighted kappa|"
     "cohen kappa quadratic|quadratic weighted kappa score",
     "1 - observed / expected squared distance of the classes", kMax,
     Needs::kLabel, kPooled, TargetType::kOrdered, Columns::kOne,
     &kQuadraticKappa},
    {"map", "map", "mean average precision|mapk",
     "mean over rows of the precision at each true label among the first k",
     kMax, Needs::kOrder, kPerFold, TargetType::kClasses, Columns::kPerClass,
     &kMeanAveragePrecision, nullptr, Domain::kAny, 5},
    {"ndcg", "ndcg",
     "normalized discounted cumulative gain|ndcg score|"
     "normalised discounted cumulative gain",
     "mean over rows of sum(gain / log2(place + 1)) over its best value", kMax,
     Needs::kOrder, kPerFold, TargetType::kClasses, Columns::kPerClass,
     &kDiscountedGain, nullptr, Domain::kAny, 5},
};

}  // namespace

std::span<const MetricRow> MetricTable() { return kMetrics; }

}  // namespace treesmith
