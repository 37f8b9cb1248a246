"""Names of the files in the folder of an exported version, in addition to those of the SavedModel."""

MANIFEST = "manifest.json"
KERAS_FILE = "model.keras"
CONFIG_FILE = "model.json"  # the configuration of the Keras model alone, as ``keras.Model.to_json`` writes it
CODE_PRIOR = "code_prior.npz"  # the parameters of the mixture that ``sample`` draws from
CARD = "README.md"
PICTURE = "samples.png"  # of the card
EVALUATION = "evaluation.json"
