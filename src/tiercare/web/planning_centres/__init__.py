"""Medical centres (NHC-24): what is proposed, what is planned with its versions, and whom it serves on the map."""
