const TITLES: Readonly<Record<string, string>> = {
  prior: 'class shares / mean',
  linear: 'linear',
  rf: 'random forest',
  hgb: 'hist. boosting',
  xgb: 'XGBoost',
  catboost: 'CatBoost',
  lightgbm: 'LightGBM',
  'catboost-tuned': 'CatBoost, tuned',
  'lightgbm-tuned': 'LightGBM, tuned',
  'lightgbm-quantile': 'LightGBM, quantiles',
  'hgb-quantile': 'hist. boosting, quantiles',
}

/** What a method is called in print; a name that is not known stays as it is. */
export function titleOf(method: string): string {
  return TITLES[method] ?? method
}
